/** A table as Markdown has it, its columns aligned so that it reads in a terminal too. The first column is words, the rest figures. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((cell, column) =>
    Math.max(cell.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${widths.map((width, at) => padded(cells[at] ?? '', width, at)).join(' | ')} |`;
  const rule = widths.map((width, at) => (at === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`));
  return [line(head), line(rule), ...rows.map(line)].join('\n');
}

const padded = (cell: string, width: number, column: number): string =>
  column === 0 ? cell.padEnd(width) : cell.padStart(width);

export const ratio = (value: number): string => value.toFixed(3);
export const secondsText = (value: number): string => `${value.toFixed(value < 10 ? 2 : 1)} s`;
export const percent = (share: number | undefined): string =>
  share === undefined ? 'not known' : `${(share * 100).toFixed(1)} %`;
export const mebibytes = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MiB`;
export const count = (value: number): string => Math.round(value).toLocaleString('en');

/** The middle one, so that a run that was disturbed doesn't tell. Of none: 0. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
