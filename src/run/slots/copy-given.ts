import { lstat } from 'node:fs/promises';
import type { Page } from '../../model/page.ts';
import { cannotRun, type Refusal } from '../../model/refusal.ts';
import { isContentOf } from '../../pages/same-content.ts';

/** A copy of a page before a worker had it. */
export interface CopyGiven {
  readonly path: string;
  readonly bytes: number;
  /** Of its last change, by a clock that no program can set. */
  readonly ctimeMs: number;
}

/** Looks at a copy that was just made. */
export async function copyGiven(path: string): Promise<CopyGiven> {
  const { size, ctimeMs } = await lstat(path);
  return { path, bytes: size, ctimeMs };
}

/** True where a worker has written over a copy, replaced or removed it: so it would have done with the original. */
export async function hasChangedCopy({ path, bytes, ctimeMs }: CopyGiven, page: Page): Promise<boolean> {
  const now = await lstat(path).catch(() => undefined);
  if (now?.isFile() && now.size === bytes)
    return now.ctimeMs !== ctimeMs && !(await isContentOf(page, path, bytes));
  return true;
}

/** A page that takes so long is a real model's: no copy of it is worth saving. */
const LONG_PAGE_SECONDS = 0.25;
/** A copy that takes 2 % of its page's time is cheap: most are made while the page before is at work. */
const COPIES_A_PAGE = 50;

/**
 * True where a worker that has left its first copies alone gets copies of all other pages too, as they cost next to nothing: it may
 * write over a later page. Not where pages are short, or the disk that copies are made on is slow.
 */
export const areCopiesCheap = (page: { readonly seconds: number; readonly copyMs: number }): boolean =>
  page.seconds >= LONG_PAGE_SECONDS && page.seconds * 1000 >= page.copyMs * COPIES_A_PAGE;

/** What helps a translator that writes over its input: what to do, and the options that it can go on with. */
interface Help {
  readonly hint: string;
  readonly resumeWith: Readonly<Record<string, string>>;
}

/** Its changed copies may be its outputs. */
export const TAKE_COPIES: Help = {
  hint: "if that is its output, add --outputs-in '{input}': what it has written is kept, and used then; if not, make it write into {output}",
  resumeWith: { '--outputs-in': '{input}' },
};
/** It writes elsewhere as well, or nothing of use. */
export const GIVE_COPIES: Help = {
  hint: 'make it write elsewhere (a script: into {output}), or run again with --link copy: the translator gets copies of all pages',
  resumeWith: { '--link': 'copy' },
};
/** The same for a warm worker. */
export const GIVE_WORKER_COPIES: Help = {
  hint: 'make it leave its input (page_in) as it is, or run again with --link copy: the worker gets copies of all pages',
  resumeWith: { '--link': 'copy' },
};
/** A warm worker's changed copy is never its output. */
export const SAVE_TO_OUTPUT: Help = {
  hint: 'make it save to the output path that it gets (page_out), and leave its input (page_in) as it is',
  resumeWith: {},
};

/** The end of a run whose translator changed copies of these pages, which stood for the originals. */
export function overwritesInput(
  program: string,
  pages: readonly string[],
  { hint, resumeWith }: Help,
): Refusal {
  return cannotRun(
    `${program} changed its copy of ${inWords(pages)}: the translator seems to overwrite its input. The originals are untouched`,
    hint,
    [],
    resumeWith,
  );
}

const LEAVE_INPUT =
  'make it leave its input as it is, or run again with --link copy: the translator gets copies of all pages';

/** The same where it moved or removed them. */
export const removesInput = (program: string, pages: readonly string[]): Refusal =>
  cannotRun(
    `${program} moved or removed its copy of ${inWords(pages)}, and would do so with the originals. They are untouched`,
    LEAVE_INPUT,
    [],
    GIVE_COPIES.resumeWith,
  );

/** The same where originals themselves were moved, into this folder. */
export const movedInput = (program: string, pages: readonly string[], folder: string): Refusal =>
  cannotRun(
    `${program} moved the originals of ${inWords(pages)} into ${folder}. They stay there`,
    `move them back, then ${LEAVE_INPUT}`,
    [],
    GIVE_COPIES.resumeWith,
  );

function inWords([first = '', ...others]: readonly string[]): string {
  return others.length === 0
    ? first
    : `${first} and ${others.length} more page${others.length === 1 ? '' : 's'}`;
}
