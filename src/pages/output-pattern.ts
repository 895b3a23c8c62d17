import path from 'node:path';
import type { PageId } from '../model/page.ts';
import { hasImageSuffix, suffixOf } from './image-format.ts';
import { sameForm } from './name-form.ts';
import { stemOf } from './output-name.ts';

/** How a program names a page's output, in the page's own folder: what it puts around the page's stem. */
export interface OutputPattern {
  readonly before: string;
  readonly after: string;
  /** Of all outputs, without a dot; missing: whatever image suffix they come with. */
  readonly suffix?: string;
}

/** Outputs have the names of their pages. */
export const OWN_NAMES: OutputPattern = { before: '', after: '' };

/** `001_translated.png` of `001.png`. */
const EXAMPLE = "'{stem}_translated{ext}'";
/** No file system takes a longer name. */
const LONGEST = 255;
const PLACEHOLDERS = /\{(?:stem|ext)\}/g;

/** Reads `{stem}_translated{ext}`; a text that is no such pattern comes back as what is wrong with it, in words. */
export function parseOutputPattern(text: string): OutputPattern | string {
  const [before = '', rest, more] = text.split('{stem}');
  if (rest === undefined) return `{stem}, a page's name without its suffix, is missing: ${EXAMPLE}`;
  if (more !== undefined) return '{stem} may be used only once';
  if (/[/\0]/.test(text)) return 'outputs are named in the folders of their pages: it may hold no /';
  const other = /\{[^{}]*\}/.exec(text.replaceAll(PLACEHOLDERS, ''))?.[0];
  if (other !== undefined) return `${other} is no placeholder: there are {stem} and {ext}`;
  if (text.length > LONGEST) return `is longer than the ${LONGEST} characters that a name may have`;
  if (rest.endsWith('{ext}')) {
    const after = rest.slice(0, -'{ext}'.length);
    return `${before}${after}`.includes('{ext}') ? '{ext} may stand at its end alone' : { before, after };
  }
  if (text.includes('{ext}')) return '{ext} may stand at its end alone';
  // With something in front: `.png` alone would be a hidden name.
  if (!hasImageSuffix(`x${rest}`)) return `has to end with {ext} or an image suffix: ${EXAMPLE}`;
  return { before, after: stemOf(`x${rest}`).slice(1), suffix: suffixOf(`x${rest}`) };
}

/** Letters, digits and accents, with which the page's own name could go on. */
const GOES_ON = /^[\p{L}\p{N}\p{M}]/u;

/** True for what may be a constant ending of outputs: `_translated`, not `b`, which makes another page's name. */
export const beginsEnding = (after: string): boolean => after !== '' && !GOES_ON.test(after);

/** The pattern as a user gives it. */
export const patternText = ({ before, after, suffix }: OutputPattern): string =>
  `${before}{stem}${after}${suffix === undefined ? '{ext}' : `.${suffix}`}`;

/** True where outputs have the stems of their pages. */
export const isOwnNames = ({ before, after }: OutputPattern): boolean => before === '' && after === '';

/** The stem, in one form, of the page whose output would be called so, or undefined; `name` is relative, as page ids are. */
export function stemBy({ before, after, suffix }: OutputPattern, name: string): string | undefined {
  const stem = sameForm(stemOf(name));
  const [head, tail] = [sameForm(before), sameForm(after)];
  const base = stem.lastIndexOf('/') + 1;
  if (suffix !== undefined && suffixOf(name) !== suffix) return undefined;
  if (stem.length - base <= head.length + tail.length) return undefined;
  if (!stem.startsWith(head, base) || !stem.endsWith(tail)) return undefined;
  return stem.slice(0, base) + stem.slice(base + head.length, stem.length - tail.length);
}

/** The name of a page's output, where that keeps `name`'s suffix or has the pattern's. */
export function nameBy({ before, after, suffix }: OutputPattern, name: PageId): string {
  const { dir, base } = path.posix.parse(name);
  const stem = stemOf(base);
  const own = suffix === undefined ? base.slice(stem.length) : `.${suffix}`;
  return path.posix.join(dir, `${before}${stem}${after}${own}`);
}
