import { escapeControls } from '../model/escape-controls.ts';
import type { SlotId } from '../model/slot.ts';
import type { Paint } from './colours.ts';
import { durationText } from './format.ts';
import { type Progress, progressParts, type SlotState } from './progress.ts';
import { fitEnd, fitMiddle, fitText, padText, textWidth } from './text-width.ts';

const BAR_COLUMNS = 24;
/** A shorter bar says nothing. */
const LEAST_BAR_COLUMNS = 10;
const SLOT_COLUMNS = 24;
/** Rows kept for what scrolls by above, and for the prompt. */
const ROWS_FOR_OTHERS = 6;

/** What a frame is drawn on. */
interface Canvas {
  readonly columns: number;
  readonly rows: number;
  readonly nowMs: number;
  readonly paint: Paint;
}

/** The lines at the bottom of the terminal: bar, numbers, and one line a slot, none wider than the terminal. */
export function drawFrame(progress: Progress, { columns, rows, nowMs, paint }: Canvas): string {
  const width = columns - 1;
  const numbers = fitText(progressParts(progress, nowMs, width).join('  '), width);
  const room = Math.min(BAR_COLUMNS, width - 2 - textWidth(numbers));
  const bar = barOf(progress, room);
  const head =
    room >= LEAST_BAR_COLUMNS ? `${paint.cyan(bar.full)}${paint.dim(bar.rest)}  ${numbers}` : numbers;

  const slots = [...progress.slots];
  const most = Math.max(1, rows - ROWS_FOR_OTHERS);
  const shown = slots.length <= most ? slots : slots.slice(0, Math.max(0, most - 1));
  const names = shown.map(([slot]) => fitMiddle(slot, Math.min(SLOT_COLUMNS, Math.floor(width / 3))));
  const nameColumns = Math.max(0, ...names.map(textWidth));
  const lines = shown.map(([, state], at) =>
    slotLine({ slot: padText(names[at] ?? '', nameColumns, 'left'), state, width, nowMs, paint }),
  );
  const hidden = slots.length - shown.length;
  if (hidden > 0) lines.push(paint.dim(fitText(`+ ${hidden} slot${hidden === 1 ? '' : 's'} more`, width)));
  return [head, ...lines].join('\n');
}

function barOf({ done, written, todo }: Progress, columns: number): { full: string; rest: string } {
  if (columns < 1) return { full: '', rest: '' };
  const share = todo === undefined || todo === 0 ? 0 : Math.min(1, (done + written) / todo);
  const full = Math.floor(share * columns);
  return { full: '█'.repeat(full), rest: '░'.repeat(columns - full) };
}

interface SlotLine {
  readonly slot: SlotId;
  readonly state: SlotState;
  readonly width: number;
  readonly nowMs: number;
  readonly paint: Paint;
}

function slotLine({ slot, state, width, nowMs, paint }: SlotLine): string {
  if (state.doing === 'idle') return paint.dim(fitText(`${slot}  –`, width));
  const took = durationText(Math.max(0, Math.floor((nowMs - state.sinceMs) / 1000))).replace('.0', '');
  const behind = [state.stage === undefined ? '' : escapeControls(state.stage), took]
    .filter(Boolean)
    .join('  ');
  const what = state.doing === 'loading' ? 'starting' : escapeControls(state.page ?? '');
  const room = width - textWidth(slot) - textWidth(behind) - 4;
  if (room < 8) return fitText(`${slot}  ${what}`, width);
  const column = Math.min(room, 60);
  return `${paint.dim(slot)}  ${padText(fitEnd(what, column), column, 'left')}  ${paint.dim(behind)}`;
}
