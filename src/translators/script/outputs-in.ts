import type { BatchFolders } from '../translator.ts';

/** Where in its batch a script leaves its outputs: one of the batch's two folders, and what follows that folder's path. */
export interface OutputsIn {
  readonly base: 'input' | 'output';
  /** `/result`, `-translated`; empty: the folder itself. */
  readonly rest: string;
}

const EXAMPLE = "'{input}/result'";

/** Reads `{input}/result`; a text that is no such place comes back as what is wrong with it, in words. */
export function parseOutputsIn(text: string): OutputsIn | string {
  const [, base, given = ''] = /^\{(input|output)\}(.*)$/s.exec(text) ?? [];
  if (base !== 'input' && base !== 'output') {
    return `has to begin with {input} or {output}, the folders of a script's batch: ${EXAMPLE}`;
  }
  const other = /\{[^{}]*\}/.exec(given)?.[0];
  if (other !== undefined)
    return `${other} is not a placeholder here: {input} or {output} at its beginning is the only one`;
  const [first = '', ...segments] = given.split('/');
  if (segments.includes('..')) return `leads out of the batch: it may hold no .., as in ${EXAMPLE}`;
  const kept = segments.filter((segment) => segment !== '' && segment !== '.');
  return { base, rest: [first, ...kept].join('/') };
}

/** The folder, absolute, for a batch. */
export const outputsInOf = ({ base, rest }: OutputsIn, batch: BatchFolders): string =>
  `${batch[base]}${rest}`;

/** True where outputs appear among the pages of a batch, or in a folder there. */
export const isAmongPages = ({ base, rest }: OutputsIn): boolean =>
  base === 'input' && (rest === '' || rest.startsWith('/'));

/** The name, in the batch's input folder, of what holds the outputs; undefined where that is no folder in it. */
export const folderAmongPages = (place: OutputsIn): string | undefined =>
  isAmongPages(place) ? place.rest.split('/')[1] : undefined;
