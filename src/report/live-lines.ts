import { stripVTControlCharacters } from 'node:util';
import { textWidth } from './text-width.ts';

// Terminals that know it show what is between the two at once; others pass over both.
const BEGIN = '\x1b[?2026h';
const END = '\x1b[?2026l';
// Where a terminal takes more columns for a letter than is known here, its line is cut and takes no second row.
const NO_WRAP = '\x1b[?7l';
const WRAP = '\x1b[?7h';
const CLEAR_REST_OF_LINE = '\x1b[K';
const CLEAR_BELOW = '\x1b[J';

/** What to write next. */
interface Repaint {
  /** Lines that stay above, each without its end; they may be of any length. */
  readonly above: readonly string[];
  /** Lines narrower than the terminal. */
  readonly frame: readonly string[];
  readonly columns: number;
}

/**
 * Lines at the bottom of a terminal that are written over. The cursor stays below them, and is never hidden: whoever dies leaves
 * the terminal as it was.
 */
export class LiveLines {
  #drawn: readonly string[] = [];
  #columns = 0;

  /** What turns the frame on the terminal into the next one, all in one text; empty where nothing changes. */
  repaint({ above, frame, columns }: Repaint): string {
    const drawn = this.#drawn;
    const isSameWidth = columns === this.#columns;
    this.#drawn = frame;
    this.#columns = columns;
    const firstNew = frame.findIndex((line, at) => line !== drawn[at]);
    if (above.length + frame.length + drawn.length === 0) return '';
    if (isSameWidth && above.length === 0 && firstNew === -1 && frame.length === drawn.length) return '';
    if (!isSameWidth || above.length > 0) {
      const up = drawn.reduce((rows, line) => rows + rowsOf(line, columns), 0);
      return `${BEGIN}${upBy(up)}${CLEAR_BELOW}${textOf(above)}${NO_WRAP}${textOf(frame)}${WRAP}${END}`;
    }
    // Written over without clearing it before: nothing is ever seen half empty, also where BEGIN means nothing.
    const lines = frame.map((line, at) => (line === drawn[at] ? '\n' : `${line}${CLEAR_REST_OF_LINE}\n`));
    const from = firstNew === -1 ? frame.length : firstNew;
    const below = frame.length < drawn.length ? CLEAR_BELOW : '';
    return `${BEGIN}${upBy(drawn.length - from)}${NO_WRAP}${lines.slice(from).join('')}${WRAP}${below}${END}`;
  }
}

const textOf = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');

const upBy = (rows: number): string => (rows > 0 ? `\r\x1b[${rows}A` : '\r');

/** Rows that a line takes once the terminal has become so narrow: nearly all wrap then what was written before. */
function rowsOf(line: string, columns: number): number {
  const text = stripVTControlCharacters(line);
  if (textWidth(text) <= columns) return 1;
  let [rows, used] = [1, 0];
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    const width = textWidth(segment);
    used += width;
    if (used <= columns) continue;
    rows += 1;
    used = width;
  }
  return rows;
}
