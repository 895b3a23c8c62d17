import type { ReportData } from '../report/html/report-data.ts';
import { type LaneMark, laneMarks, timeOfSlot } from './lane-marks.ts';
import type { PageOutcome, PageTable } from './page-table.ts';

/** Something on a slot, in seconds since the start. */
export interface Bar {
  readonly start: number;
  readonly end: number;
  readonly kind: PageOutcome | 'load' | 'retry';
  /** Place of the page; -1 for none. */
  readonly page: number;
  /** Place among the messages; -1 for none. */
  readonly message: number;
}

/** A slot's line: what it did, in the order of its beginning. */
export interface Lane {
  readonly slot: number;
  /** From when on it takes pages, where that is not the start, and no more. */
  readonly joined?: number;
  readonly retired?: number;
  readonly bars: readonly Bar[];
}

/** The lines of all slots. */
export interface Timeline {
  readonly lanes: readonly Lane[];
  /** When services were waited for. */
  readonly waits: readonly { readonly start: number; readonly end: number; readonly text: string }[];
  readonly marks: readonly LaneMark[];
  readonly end: number;
}

/** What each slot did over time. */
export function timelineOf(data: ReportData, pages: PageTable): Timeline {
  const bars: Bar[][] = data.slots.map(() => []);
  let end = data.report.seconds;
  for (let at = 0; at < pages.length; at += 1) {
    const span = pages.span(at);
    if (span === undefined) continue;
    end = Math.max(end, span.end);
    bars[pages.slot(at)]?.push({
      ...span,
      kind: pages.outcome(at),
      page: at,
      message: data.pages.message[at] ?? -1,
    });
  }
  const { kind, slot, start, span, page, message } = data.spans;
  for (const [at, from] of start.entries()) {
    const to = from + (span[at] ?? 0);
    end = Math.max(end, to / 100);
    bars[slot[at] ?? -1]?.push({
      start: from / 100,
      end: to / 100,
      kind: kind.charAt(at) === 'l' ? 'load' : 'retry',
      page: page[at] ?? -1,
      message: message[at] ?? -1,
    });
  }
  return {
    lanes: bars.map((own, at) => ({
      slot: at,
      bars: own.sort((one, other) => one.start - other.start),
      ...timeOfSlot(data, at),
    })),
    waits: data.marks
      .filter((mark) => mark.kind === 'waiting')
      .map((mark) => ({ start: mark.at / 100, end: (mark.at + (mark.span ?? 0)) / 100, text: mark.text })),
    marks: laneMarks(data),
    end: Math.max(end, 0.1),
  };
}

/** The bar at a moment, of those that are short the nearest within `near` seconds; undefined where nothing was. */
export function barAt({ bars }: Lane, seconds: number, near: number): Bar | undefined {
  let low = 0;
  let high = bars.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((bars[middle]?.start ?? 0) <= seconds + near) low = middle + 1;
    else high = middle;
  }
  // A page that was sent ahead begins before the one before it ends.
  let nearest: Bar | undefined;
  let distance = Number.POSITIVE_INFINITY;
  for (let at = low - 1; at >= 0 && at >= low - LOOKED_AT; at -= 1) {
    const bar = bars[at];
    if (bar === undefined) break;
    const away = Math.max(0, bar.start - seconds, seconds - bar.end);
    if (away < distance) [nearest, distance] = [bar, away];
  }
  return distance <= near ? nearest : undefined;
}

const LOOKED_AT = 64;

/** The first bar that may reach into what is shown: bars begin in order, and none is longer than `longest`. */
export function firstShown({ bars }: Lane, from: number, longest: number): number {
  let low = 0;
  let high = bars.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((bars[middle]?.start ?? 0) < from - longest) low = middle + 1;
    else high = middle;
  }
  return low;
}
