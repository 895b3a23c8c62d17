import { escapeControls } from '../model/escape-controls.ts';
import type { ReportedPage } from './reported-page.ts';

const COLUMNS = [
  'page',
  'outcome',
  'reason',
  'message',
  'slot',
  'attempt',
  'seconds',
  'peakMemoryBytes',
  'output',
  'unchanged',
  'notes',
] as const satisfies readonly (keyof ReportedPage)[];

/**
 * What a spreadsheet takes for a formula, behind quotes and spaces too, and what the guard below makes of it: whoever takes one
 * `'` off the front of such a cell has the text back.
 */
const FORMULA = /^['"\s]*[=+\-@\uff1d\uff0b\uff0d\uff20]/;

/** Pages as lines of CSV (RFC 4180) with a head, each with its CRLF. Control characters in names are escaped: a page, a line. A text that a
 * spreadsheet would calculate gets a `'` in front. */
export function* csvLines(pages: Iterable<ReportedPage>): Generator<string> {
  yield `${COLUMNS.join(',')}\r\n`;
  for (const page of pages) yield `${COLUMNS.map((column) => field(page[column])).join(',')}\r\n`;
}

function field(value: string | number | boolean | readonly string[] | undefined): string {
  const isText = typeof value === 'string' || typeof value === 'object';
  const plain = escapeControls(typeof value === 'object' ? value.join('; ') : String(value ?? ''));
  const text = isText && FORMULA.test(plain) ? `'${plain}` : plain;
  return /[",]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
