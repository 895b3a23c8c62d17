import type { PageFinished } from '../events.ts';
import { escapeControls } from './escape.ts';

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
] as const satisfies readonly (keyof PageFinished)[];

/** Pages as lines of CSV (RFC 4180) with a head, each with its CRLF. Control characters in names are escaped: a page, a line. */
export function* csvLines(pages: Iterable<PageFinished>): Generator<string> {
  yield `${COLUMNS.join(',')}\r\n`;
  for (const page of pages) yield `${COLUMNS.map((column) => field(page[column])).join(',')}\r\n`;
}

function field(value: string | number | boolean | undefined): string {
  const text = escapeControls(String(value ?? ''));
  return /[",]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
