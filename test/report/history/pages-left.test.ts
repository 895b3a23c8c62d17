import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { pagesLeft } from '../../../src/report/history/pages-left.ts';

const time = '2026-07-21T08:00:00.000Z';
const TO_DO = { type: 'pages-to-do', pages: ['1.png', '2.png', '3.png'] };
const started = (page: string) => ({ type: 'page-started', page, slot: 'cpu-0' });
const finished = (page: string, outcome = 'translated') => ({
  type: 'page-finished',
  page,
  attempt: 1,
  outcome,
});
const left = (...pages: string[]) => ({ type: 'pages-left', pages });

let runs: string;

beforeEach(() => {
  runs = mkdtempSync(join(tmpdir(), 'left-'));
  return () => rmSync(runs, { recursive: true, force: true });
});

function wrote(run: string, events: readonly object[]): void {
  mkdirSync(join(runs, run));
  writeFileSync(
    join(runs, run, 'events.ndjson'),
    events.map((event) => `${JSON.stringify({ ...event, time })}\n`).join(''),
  );
}

test.each<[string, object[], string[]]>([
  ['was killed', [TO_DO, started('1.png'), finished('1.png'), started('2.png')], ['2.png', '3.png']],
  ['was killed, and had failures', [TO_DO, finished('1.png', 'failed')], ['2.png', '3.png']],
  ['ended', [TO_DO, finished('1.png'), left('2.png', '3.png')], ['2.png', '3.png']],
  ['did all', [TO_DO, finished('1.png'), finished('2.png'), finished('3.png')], []],
  ['of version 0.1.0 ended', [finished('1.png'), left('2.png')], ['2.png']],
  ['of version 0.1.0 was killed', [started('1.png'), finished('1.png'), started('2.png')], ['2.png']],
])('what a run left that %s', async (_, events, pages) => {
  wrote('2026-07-21T08-00-00-000-aaaa', events);
  expect(await pagesLeft(runs)).toEqual(pages);
});

test('only the last run tells', async () => {
  wrote('2026-07-21T08-00-00-000-aaaa', [TO_DO]);
  wrote('2026-07-21T09-00-00-000-aaaa', [{ ...TO_DO, pages: ['3.png'] }, finished('3.png')]);
  expect(await pagesLeft(runs)).toEqual([]);
});
