import type { RunEvent } from '../../../src/model/events.ts';
import {
  inReportOrder,
  type KnownPage,
  MessageTable,
  pageColumns,
} from '../../../src/report/html/page-columns.ts';
import type { ReportData } from '../../../src/report/html/report-data.ts';
import { RunTrack } from '../../../src/report/html/run-track.ts';
import { trackColumns } from '../../../src/report/html/track-columns.ts';

const START_MS = Date.parse('2026-01-01T00:00:00Z');
const SLOTS = ['gpu0-0', 'gpu0-1', 'gpu1-0', 'gpu1-1'];

export const timeOf = (seconds: number): string => new Date(START_MS + seconds * 1000).toISOString();

/** The report of a run with so many pages on four slots, a few of which failed. */
export function manyPages(count: number): ReportData {
  const track = new RunTrack('run', undefined);
  const add = (seconds: number, event: object): void =>
    track.add({ ...event, time: timeOf(seconds) } as RunEvent);
  add(0, {
    type: 'run-started',
    v: 1,
    run: 'run',
    gpus: [],
    slots: SLOTS,
    strategy: 'dynamic',
    translator: 'demo',
    options: {},
  });
  for (let at = 0; at < count; at += 1) {
    const folder = `Series ${String(Math.floor(at / 4000)).padStart(2, '0')}/Volume ${String((Math.floor(at / 200) % 20) + 1).padStart(2, '0')}`;
    const page = `${folder}/${String((at % 200) + 1).padStart(3, '0')}.png`;
    const slot = SLOTS[at % SLOTS.length];
    const end = 1 + at / SLOTS.length + (at % 7) / 10;
    const isBad = at % 331 === 5;
    add(end - 0.9, { type: 'page-started', page, slot, attempt: 1 });
    add(end, {
      type: 'page-finished',
      page,
      slot,
      attempt: 1,
      seconds: 0.8 + (at % 13) / 100,
      ...(isBad
        ? { outcome: 'failed', reason: 'error', message: `error ${at % 10}` }
        : { outcome: 'translated', output: page }),
    });
  }
  const pages: KnownPage[] = Array.from(track.pages, ([id, tracked]) => ({ id, tracked, track }));
  return reportOf(track, inReportOrder(pages));
}

/** The report of one run. */
export function reportOf(track: RunTrack, pages: readonly KnownPage[]): ReportData {
  const slots = [...track.slots.values()];
  const slotAt = (_: RunTrack, slot: string | undefined): number =>
    slots.findIndex((each) => each.slot === slot);
  const messages = new MessageTable((text) => text);
  const startMs = track.startMs ?? START_MS;
  return {
    v: 1,
    madeMs: track.lastMs,
    startMs,
    report: {
      v: 1,
      run: track.run,
      state: 'finished',
      finished: true,
      strategy: 'dynamic',
      translator: 'demo',
      startedAt: timeOf(0),
      seconds: (track.lastMs - startMs) / 1000,
      exitCode: 1,
      retries: 0,
      pagesPerMinute: 60,
      gpus: [],
      benched: [],
      unchanged: 0,
      counts: { translated: 0, 'no-text': 0, untranslated: 0, failed: 0, skipped: 0, left: 0 },
      ledger: {
        pages: pages.length,
        outcomes: { translated: 0, 'no-text': 0, untranslated: 0, failed: 0 },
        adopted: 0,
        broken: 0,
      },
    },
    links: { output: '../../../' },
    hints: {},
    options: {},
    machines: [],
    gpus: [],
    slots,
    pages: pageColumns(pages, { startMs, messages, slotAt }),
    ...trackColumns([track], { startMs, slotAt, messages, pages }),
    logs: {},
  };
}
