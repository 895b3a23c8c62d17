import { expect, test } from 'vitest';
import type { RunOptions } from '../../src/model/run-options.ts';
import type { ResolvedRun } from '../../src/run/resolve-run.ts';
import { RunEvents } from '../../src/run/run-events.ts';
import { tempFolder } from '../pages/temp-folder.ts';

test('the report is made ready for the last pages of the slots that have joined, however few were known at the start', async () => {
  const output = await tempFolder();
  const resolved = { folders: { output, run: output }, slots: [], redact: { text: (text: string) => text } };
  let prepared = 0;
  const events = new RunEvents({
    options: {} as RunOptions,
    resolved: resolved as unknown as ResolvedRun,
    fail: () => {},
    onLastPages: () => {
      prepared += 1;
    },
  });
  events.found(Array.from({ length: 8 }, (_, at) => ({ id: `${at}.png`, path: `/in/${at}.png` })));
  const at = { device: 'node1-gpu0', gpu: 0, node: 'node1' };
  for (const slot of ['a', 'b', 'c']) events.emit({ type: 'slot-joined', slot, ...at, why: '' });
  events.emit({ type: 'slot-retired', slot: 'c', why: '' });
  const seen: number[] = [];
  for (let page = 0; page < 8; page += 1) {
    events.emit({ type: 'page-finished', page: `${page}.png`, slot: 'a', attempt: 1, outcome: 'translated' });
    seen.push(prepared);
  }
  expect(seen).toEqual([0, 0, 0, 1, 2, 3, 4, 4]);
});
