import { escapeControls } from '../model/escape-controls.ts';
import type { Paint } from './colours.ts';
import type { DeviceRow } from './devices-at-work.ts';
import { durationText, plural } from './format.ts';
import { fitEnd, fitMiddle, fitText, padText, textWidth } from './text-width.ts';

const GAP = 2;
const LABEL_COLUMNS = 24;
const MODEL_COLUMNS = 16;
const BAR_CELLS = 8;
/** A page with its time is worth so much room; other columns are left out until it has it. */
const WORK_COLUMNS = 20;
/** A shorter end of a page's path says nothing. */
const PAGE_COLUMNS = 8;

/** What lines of devices are drawn on. */
interface Canvas {
  /** No line is wider. */
  readonly width: number;
  readonly nowMs: number;
  readonly paint: Paint;
}

/** A column that is there where something is known for it. */
interface Column {
  readonly cell: (row: DeviceRow) => string;
  readonly side: 'left' | 'right';
  /** The higher, the longer it stays where there is little room. */
  readonly need: number;
  /** Which rows make it worth showing; missing: those that have a text in it. */
  readonly when?: (row: DeviceRow) => boolean;
}

const COLUMNS: readonly Column[] = [
  { cell: ({ model }) => fitText(shortModel(model ?? ''), MODEL_COLUMNS), side: 'left', need: 2 },
  { cell: ({ use }) => (use === undefined ? '' : barText(use)), side: 'left', need: 1 },
  { cell: ({ use }) => (use === undefined ? '' : `${Math.round(use * 100)} %`), side: 'right', need: 5 },
  { cell: ({ memory }) => (memory ? memoryText(memory) : ''), side: 'right', need: 4 },
  {
    cell: ({ workers }) => plural(workers, 'worker'),
    side: 'left',
    need: 3,
    when: ({ workers }) => workers > 1,
  },
  { cell: ({ times }) => (times === undefined ? '' : `${times.toFixed(1)} × one`), side: 'left', need: 0 },
];

/**
 * A line a device, aligned, and one for those that don't fit into `most` lines. Columns of which nothing is known are left out for
 * all, and so are those that leave too little room for the page.
 */
export function deviceLines(rows: readonly DeviceRow[], most: number, canvas: Canvas): string[] {
  if (rows.length === 0 || most < 1) return [];
  const shown = rows.length <= most ? rows : rows.slice(0, most - 1);
  const hidden = rows.slice(shown.length);
  const { width, paint } = canvas;
  const labels = columnOf(
    shown.map(({ label }) =>
      fitMiddle(escapeControls(label), Math.min(LABEL_COLUMNS, Math.floor(width / 3))),
    ),
    'left',
  );
  const columns = [labels, ...columnsFor(shown, width - widthOf(labels))];
  const lines = shown.map((row, at) => {
    const known = columns.map((texts) => texts[at] ?? '').join(' '.repeat(GAP));
    return row.doing === 'waiting'
      ? paint.dim(fitText(`${known}  –`, width))
      : `${paint.dim(known)}  ${workText(row, width - textWidth(known) - GAP, canvas)}`;
  });
  if (hidden.length === 0) return lines;
  const which =
    shown.length === 0 ? `${hidden.length} devices` : `and ${plural(hidden.length, 'more device')}`;
  return [...lines, paint.dim(fitText(`${which}: ${doingText(hidden)}`, width))];
}

/** Texts of the columns that are worth their room. */
function columnsFor(rows: readonly DeviceRow[], width: number): string[][] {
  const known = COLUMNS.flatMap(({ cell, side, need, when }) => {
    const texts = rows.map((row) => escapeControls(cell(row)));
    const isKnown = when ? rows.some(when) : texts.some((text) => text !== '');
    return isKnown ? [{ need, texts: columnOf(texts, side) }] : [];
  });
  const spare = width - WORK_COLUMNS - GAP;
  const total = (): number => known.reduce((sum, { texts }) => sum + GAP + widthOf(texts), 0);
  while (known.length > 0 && total() > spare) {
    const least = Math.min(...known.map(({ need }) => need));
    known.splice(
      known.findIndex(({ need }) => need === least),
      1,
    );
  }
  return known.map(({ texts }) => texts);
}

/** The texts with spaces up to the width of the longest. */
function columnOf(texts: readonly string[], side: 'left' | 'right'): string[] {
  const width = Math.max(0, ...texts.map(textWidth));
  return texts.map((text) => padText(text, width, side));
}

const widthOf = ([first = '']: readonly string[]): number => textWidth(first);

/** `vol2/003.png  ocr  4 s`: the end of a path says most; the stage, then the time, is there where there is room. */
function workText({ doing, text = '', stage, sinceMs }: DeviceRow, width: number, canvas: Canvas): string {
  const { nowMs, paint } = canvas;
  if (doing === 'disabled') return paint.red(fitText(`disabled: ${escapeControls(text)}`, width));
  const what = doing === 'loading' ? 'starting' : escapeControls(text);
  const took =
    sinceMs === undefined
      ? ''
      : durationText(Math.max(0, Math.floor((nowMs - sinceMs) / 1000))).replace('.0', '');
  const stageAndTook = [stage === undefined ? '' : escapeControls(stage), took].filter(Boolean).join('  ');
  const behind = [stageAndTook, took].find((texts) => width - textWidth(texts) - GAP >= PAGE_COLUMNS);
  if (!behind) return fitEnd(what, width);
  return `${fitEnd(what, width - textWidth(behind) - GAP)}  ${paint.dim(behind)}`;
}

/** `48 working, 4 waiting`. */
const doingText = (rows: readonly DeviceRow[]): string =>
  (['page', 'loading', 'waiting', 'disabled'] as const)
    .flatMap((doing) => {
      const count = rows.filter((row) => row.doing === doing).length;
      return count > 0 ? [`${count} ${DOING_WORDS[doing]}`] : [];
    })
    .join(', ');

const DOING_WORDS = {
  page: 'working',
  loading: 'starting',
  waiting: 'waiting',
  disabled: 'disabled',
} as const satisfies Record<DeviceRow['doing'], string>;

/** Names of makers and families that every card of a machine has: `NVIDIA GeForce RTX 4090` is an `RTX 4090`. */
const shortModel = (model: string): string => model.replace(/^(?:(?:NVIDIA|AMD|GeForce|Tesla|Quadro) )+/, '');

const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

function barText(share: number): string {
  const eighths = Math.round(Math.min(1, Math.max(0, share)) * BAR_CELLS * 8);
  const full = '█'.repeat(Math.floor(eighths / 8)) + (EIGHTHS[eighths % 8] ?? '');
  return `▕${full.padEnd(BAR_CELLS)}▏`;
}

/** `9.1/16 GB`, in units of 1000. */
const memoryText = ({ usedBytes, totalBytes }: NonNullable<DeviceRow['memory']>): string =>
  `${(usedBytes / 1e9).toFixed(1)}/${Math.round(totalBytes / 1e9)} GB`;
