import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { pageNotes } from '../../../src/report/history/page-notes.ts';

let runs: string;

beforeEach(() => {
  runs = mkdtempSync(join(tmpdir(), 'notes-'));
  return () => rmSync(runs, { recursive: true, force: true });
});

function wrote(run: string, text: string): void {
  mkdirSync(join(runs, run));
  writeFileSync(join(runs, run, 'events.ndjson'), text);
}
const finished = (time: string, page: string, notes?: unknown): string =>
  `${JSON.stringify({ type: 'page-finished', time, page, attempt: 1, outcome: 'translated', notes })}\n`;

test('the last notes on each page, of all runs', async () => {
  const [early, late] = ['2026-07-21T08:00:01.000Z', '2026-07-21T09:00:01.000Z'];
  wrote(
    '2026-07-21T08-00-00-000-aaaa',
    finished(early, '1.png', ['one']) + finished(early, '2.png', ['two', '']) + finished(early, '3.png'),
  );
  wrote(
    '2026-07-21T09-00-00-000-aaaa',
    `{"notes":[\n${finished(late, '2.png', ['new'])}${finished(late, '4.png', 'x')}${finished(late, '5.png', [1])}{"type":"page-fin`,
  );
  expect(await pageNotes(runs)).toEqual(
    new Map([
      ['1.png', { notes: ['one'], time: early }],
      ['2.png', { notes: ['new'], time: late }],
    ]),
  );
  expect((await pageNotes(join(runs, 'none'))).size).toBe(0);
});
