import { escapeControls } from '../model/escape-controls.ts';
import { fitMiddle, padText, textWidth, wrapWords } from './text-width.ts';

/** One column of a table for people. */
export interface TextColumn<T> {
  readonly head: string;
  /** May hold anything: control characters are escaped here. */
  readonly cell: (row: T) => string;
  /** Numbers stand on the right, which holds where nothing is said. */
  readonly side?: 'left';
  /** Where the table is too wide: its texts lose their middle, down to so many columns. */
  readonly least?: number;
  /** Where that does not do: it goes to a line below each row, the last of such columns first. */
  readonly mayMove?: true;
}

const GAP = 2;
const INDENT = 6;

/**
 * A head and a text for each row, aligned by the columns that texts take on a terminal. None is wider than `width`, as far as the
 * columns allow; a row then has more lines than one.
 */
export function textTable<T>(
  rows: readonly T[],
  columns: readonly TextColumn<T>[],
  width = Number.POSITIVE_INFINITY,
): { readonly head: string; readonly lines: readonly string[] } {
  const cells = rows.map((row) => columns.map(({ cell }) => escapeControls(cell(row))));
  const naturalWidths = columns.map(({ head }, at) =>
    Math.max(textWidth(head), ...cells.map((texts) => textWidth(texts[at] ?? ''))),
  );
  const all = columns.map(({ head, side, least, mayMove = false }, at) => {
    const natural = naturalWidths[at] ?? 0;
    return {
      at,
      head,
      side: side ?? ('right' as const),
      mayMove,
      width: natural,
      least: Math.min(natural, least ?? natural),
    };
  });
  const kept = [...all];
  while (totalOf(kept.map(({ least }) => least)) > width) {
    const last = kept.findLastIndex(({ mayMove }) => mayMove);
    if (last === -1) break;
    kept.splice(last, 1);
  }
  for (;;) {
    const widest = kept.filter((one) => one.width > one.least).sort((a, b) => b.width - a.width)[0];
    const tooMuch = totalOf(kept.map((one) => one.width)) - width;
    if (widest === undefined || tooMuch <= 0) break;
    widest.width -= 1;
  }
  const moved = all.filter((one) => !kept.includes(one));
  const line = (texts: readonly string[]): string =>
    kept
      .map((one) => padText(fitMiddle(texts[one.at] ?? '', one.width), one.width, one.side))
      .join(' '.repeat(GAP))
      .trimEnd();
  const below = (texts: readonly string[]): string[] => {
    const parts = moved.flatMap(({ at, head }) =>
      /^[-\u2013]?$/.test(texts[at] ?? '') ? [] : `${head} ${texts[at]}`,
    );
    if (parts.length === 0) return [];
    return [wrapWords(' '.repeat(INDENT) + parts.join(', '), width, INDENT)];
  };
  return {
    head: line(columns.map(({ head }) => head)),
    lines: cells.map((texts) => [line(texts), ...below(texts)].join('\n')),
  };
}

const totalOf = (widths: readonly number[]): number =>
  widths.reduce((sum, each) => sum + each, 0) + GAP * Math.max(0, widths.length - 1);
