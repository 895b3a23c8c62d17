import type { Paint } from './colours.ts';
import { deviceLines } from './device-lines.ts';
import type { DevicesAtWork } from './devices-at-work.ts';
import { type Progress, progressParts } from './progress.ts';
import { fitText, textWidth } from './text-width.ts';

const BAR_COLUMNS = 24;
/** A shorter bar says nothing. */
const LEAST_BAR_COLUMNS = 10;
/** Rows kept for what scrolls by above, and for the prompt. */
const ROWS_FOR_OTHERS = 6;

/** What is drawn: how far the run is, and what its devices are at. */
interface Shown {
  readonly progress: Progress;
  readonly devices: DevicesAtWork;
}

/** What a frame is drawn on. */
interface Canvas {
  readonly columns: number;
  readonly rows: number;
  readonly nowMs: number;
  readonly paint: Paint;
}

/**
 * The lines at the bottom of the terminal: bar and numbers, and one line a device. None is as wide as the terminal, and there are
 * fewer than it has rows.
 */
export function drawFrame({ progress, devices }: Shown, { columns, rows, nowMs, paint }: Canvas): string[] {
  const width = columns - 1;
  const numbers = fitText(progressParts(progress, nowMs, width).join('  '), width);
  const room = Math.min(BAR_COLUMNS, width - 2 - textWidth(numbers));
  const bar = barOf(progress, room);
  const head =
    room >= LEAST_BAR_COLUMNS ? `${paint.cyan(bar.full)}${paint.dim(bar.rest)}  ${numbers}` : numbers;
  const most = Math.max(1, rows - ROWS_FOR_OTHERS);
  const lines = deviceLines(devices.rows(progress.slots, nowMs), most, { width, nowMs, paint });
  return [head, ...lines].slice(0, Math.max(0, rows - 1));
}

function barOf({ done, written, todo }: Progress, columns: number): { full: string; rest: string } {
  if (columns < 1) return { full: '', rest: '' };
  const share = todo === undefined || todo === 0 ? 0 : Math.min(1, (done + written) / todo);
  const full = Math.floor(share * columns);
  return { full: '█'.repeat(full), rest: '░'.repeat(columns - full) };
}
