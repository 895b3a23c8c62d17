import type { ThemeColors } from './colors.ts';
import { drawMarks } from './draw-marks.ts';
import { TIME_STEPS } from './time-steps.ts';
import { type Bar, firstShown, type Timeline } from './timeline-model.ts';
import { clockText } from './words.ts';

export const LANE_PIXELS = 26;
export const AXIS_PIXELS = 24;
const BAR_PIXELS = 16;
/** What went wrong is seen however short it was. */
const SHORTEST_TROUBLE_PIXELS = 3;

/** What is drawn, and how large. */
export interface TimelineView {
  readonly range: readonly [from: number, to: number];
  readonly width: number;
  readonly leftPixels: number;
  readonly names: readonly string[];
  /** The longest bar of all, in seconds. */
  readonly longest: number;
}

export const timelineHeight = ({ lanes }: Timeline): number => AXIS_PIXELS + lanes.length * LANE_PIXELS + 4;

/** Draws the part of a timeline that is in range. Cost grows with the pixels more than with the pages. */
export function drawTimeline(
  context: CanvasRenderingContext2D,
  timeline: Timeline,
  { range, width, leftPixels, names, longest }: TimelineView,
  colors: ThemeColors,
): void {
  const [from, to] = range;
  const scale = (width - leftPixels) / (to - from);
  const x = (seconds: number): number => leftPixels + (seconds - from) * scale;
  const height = timelineHeight(timeline);
  context.clearRect(0, 0, width, height);
  context.font = '12px system-ui, sans-serif';
  context.textBaseline = 'middle';
  drawAxis(context, { range, x, width, height, leftPixels }, colors);
  context.save();
  context.beginPath();
  context.rect(leftPixels, 0, width - leftPixels, height);
  context.clip();
  context.fillStyle = colors.waiting;
  for (const { start, end } of timeline.waits)
    context.fillRect(x(start), AXIS_PIXELS, Math.max(2, (end - start) * scale), height - AXIS_PIXELS);
  for (const [row, lane] of timeline.lanes.entries()) {
    const top = AXIS_PIXELS + row * LANE_PIXELS + (LANE_PIXELS - BAR_PIXELS) / 2;
    context.fillStyle = colors.line;
    const left = Math.max(leftPixels, x(lane.joined ?? 0));
    const right = x(Math.min(lane.retired ?? timeline.end, timeline.end));
    context.fillRect(left, top + BAR_PIXELS / 2, Math.max(0, right - left), 1);
    const troubles: Bar[] = [];
    let drawnTo = -1;
    let drawnKind: Bar['kind'] | undefined;
    for (let at = firstShown(lane, from, longest); at < lane.bars.length; at += 1) {
      const bar = lane.bars[at];
      if (bar === undefined || bar.start > to) break;
      if (bar.kind === 'failed' || bar.kind === 'retry' || bar.kind === 'untranslated') {
        troubles.push(bar);
        continue;
      }
      const left = x(bar.start);
      const right = Math.max(left + 1, x(bar.end));
      // Within a pixel that has its colour there is nothing to add.
      if (right <= drawnTo + 0.5 && bar.kind === drawnKind) continue;
      context.fillStyle = colorOf(bar, colors);
      // A gap of a pixel tells neighbours apart where there is room for it.
      const gap = right - left > 4 ? 1 : 0;
      context.fillRect(left, top, right - left - gap, BAR_PIXELS);
      drawnTo = right;
      drawnKind = bar.kind;
    }
    for (const bar of troubles) {
      const left = x(bar.start);
      const wide = Math.max(SHORTEST_TROUBLE_PIXELS, (bar.end - bar.start) * scale - 1);
      context.fillStyle = colorOf(bar, colors);
      // Retries are lower, so that shape tells them from failures.
      if (bar.kind === 'retry') context.fillRect(left, top + BAR_PIXELS / 2, wide, BAR_PIXELS / 2);
      else context.fillRect(left, top - 2, wide, BAR_PIXELS + 4);
    }
  }
  const topOf = (lane: number): number => AXIS_PIXELS + lane * LANE_PIXELS;
  drawMarks(context, timeline.marks, { x, topOf, lanePixels: LANE_PIXELS }, colors);
  context.restore();
  context.fillStyle = colors.text;
  context.textAlign = 'left';
  for (const [row, name] of names.entries())
    context.fillText(name, 0, AXIS_PIXELS + (row + 0.5) * LANE_PIXELS, leftPixels - 10);
}

const colorOf = ({ kind }: Bar, colors: ThemeColors): string =>
  kind === 'load' ? colors.load : kind === 'retry' ? colors.retry : colors.outcomes[kind];

const TICK_PIXELS = 90;

interface Axis {
  readonly range: readonly [from: number, to: number];
  readonly x: (seconds: number) => number;
  readonly width: number;
  readonly height: number;
  readonly leftPixels: number;
}

function drawAxis(
  context: CanvasRenderingContext2D,
  { range, x, width, height, leftPixels }: Axis,
  colors: ThemeColors,
): void {
  const [from, to] = range;
  const wanted = ((to - from) * TICK_PIXELS) / Math.max(1, width - leftPixels);
  const step = TIME_STEPS.find((each) => each >= wanted) ?? Math.ceil(wanted / 86_400) * 86_400;
  context.textAlign = 'center';
  for (let at = Math.ceil(from / step) * step; at <= to; at += step) {
    context.fillStyle = colors.line;
    context.fillRect(Math.round(x(at)), AXIS_PIXELS - 4, 1, height - AXIS_PIXELS);
    context.fillStyle = colors.dim;
    const text = step < 1 ? `${at.toFixed(1)} s` : clockText(at);
    context.fillText(text, Math.min(width - 20, Math.max(leftPixels + 12, x(at))), 9);
  }
}
