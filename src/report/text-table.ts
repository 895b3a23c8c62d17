import { escapeControls } from '../model/escape-controls.ts';
import { padText, textWidth } from './text-width.ts';

/** One column of a table for people. */
export interface TextColumn<T> {
  readonly head: string;
  /** May hold anything: control characters are escaped here. */
  readonly cell: (row: T) => string;
  /** Numbers stand on the right, which holds where nothing is said. */
  readonly side?: 'left';
}

/** A head and a line for each row, aligned by the columns that texts take on a terminal. */
export function textTable<T>(
  rows: readonly T[],
  columns: readonly TextColumn<T>[],
): { readonly head: string; readonly lines: readonly string[] } {
  const cells = rows.map((row) => columns.map(({ cell }) => escapeControls(cell(row))));
  const heads = columns.map(({ head }) => head);
  const widths = columns.map((_column, at) =>
    Math.max(...[heads, ...cells].map((texts) => textWidth(texts[at] ?? ''))),
  );
  const line = (texts: readonly string[]): string =>
    columns
      .map((column, at) => padText(texts[at] ?? '', widths[at] ?? 0, column.side ?? 'right'))
      .join('  ')
      .trimEnd();
  return { head: line(heads), lines: cells.map(line) };
}
