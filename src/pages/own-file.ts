import type { Stats } from 'node:fs';
import type { ImageEnd } from './image-end.ts';
import type { Verdict } from './verdict.ts';

/** Why a link is no output; undefined for one to a file. `found`: what it leads to, where that is there. */
export function troubleWithLink(found: Stats | undefined): string | undefined {
  if (found === undefined) return 'it is a broken link';
  if (found.isDirectory()) return 'it is a link to a folder';
  return found.isFile() ? undefined : 'it is a link to a pipe, socket or device';
}

/** The verdict on an open file whose structure was read. A file that has another name too is a link. */
export const verdictOf = (end: ImageEnd, { size, nlink }: Stats): Verdict =>
  size === 0
    ? { whole: false, why: 'the file is empty' }
    : { ...end, bytes: size, ...(nlink > 1 && { isLink: true }) };

/** The verdict on the file that a link leads to, as one on the link. */
export const asLink = (verdict: Verdict): Verdict =>
  verdict.bytes === undefined ? verdict : { ...verdict, isLink: true };
