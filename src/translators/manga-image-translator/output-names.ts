import type { PageId } from '../../model/page.ts';
import { outputNameOf, stemOf } from '../../pages/output-name.ts';

/** Suffixes it can write, matched with case, in its own order of preference. */
export const WRITABLE_SUFFIXES: readonly string[] = ['png', 'webp', 'jpg', 'jpeg', 'xcf', 'psd', 'pdf'];
/** Of these, those that a page may have and keep. */
const KEPT: ReadonlySet<string> = new Set(['png', 'webp', 'jpg', 'jpeg']);

/** The suffix (no dot) of a page's output: its own where it can be written, in lower case; else `png`. */
function writableSuffix(id: PageId): string {
  const own = id.slice(stemOf(id).length + 1).toLowerCase();
  return KEPT.has(own) ? own : 'png';
}

/** The path of a page's output relative to the output root; `format` (no dot) wins. */
export const mangaOutputName = (id: PageId, format?: string): string =>
  outputNameOf(id, format ?? writableSuffix(id));

/**
 * A digit that is no decimal one: `²`, `①`. Its natural sort takes a run of these between decimal digits (or at the ends
 * of a name) for a number, can't read it, and then does nothing at all, with exit code 0.
 */
const UNREADABLE_NUMBER = new RegExp(
  `(?<=^|\\p{Nd})[${[
    '\\u{b2}\\u{b3}\\u{b9}\\u{1369}-\\u{1371}\\u{19da}\\u{2070}\\u{2074}-\\u{2079}\\u{2080}-\\u{2089}\\u{2460}-\\u{2468}',
    '\\u{2474}-\\u{247c}\\u{2488}-\\u{2490}\\u{24ea}\\u{24f5}-\\u{24fd}\\u{24ff}\\u{2776}-\\u{277e}\\u{2780}-\\u{2788}',
    '\\u{278a}-\\u{2792}\\u{10a40}-\\u{10a43}\\u{10e60}-\\u{10e68}\\u{11052}-\\u{1105a}\\u{1f100}-\\u{1f10a}',
  ].join('')}]+(?=\\p{Nd}|$)`,
  'gu',
);

/**
 * The relative name under which a page is linked into a one-shot's batch. The program replaces no suffix by itself, so the
 * page gets that of its output: what a file holds is told by its content. Names that end its sort get an underscore.
 */
export function mangaNameInBatch(id: PageId, format?: string): string {
  const output = mangaOutputName(id, format);
  const base = output.lastIndexOf('/') + 1;
  return output.slice(0, base) + output.slice(base).replace(UNREADABLE_NUMBER, '$&_');
}
