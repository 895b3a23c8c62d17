import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readEvents } from '../../../src/report/history/read-events.ts';
import { SummaryBuilder } from '../../../src/report/summary.ts';
import type { RunSummary } from '../../../src/report/summary-schema.ts';

/** As version 0.1.0 wrote it: nothing but a slot's name says which GPU it is on. */
const OLD = [
  '{"type":"run-started","v":1,"run":"20250102-030405","gpus":[{"index":2,"name":"Tesla T4"}],"slots":["gpu2-0","gpu2-1"],"strategy":"dynamic","translator":"script","options":{},"time":"2025-01-02T03:04:05.000Z"}',
  '{"type":"pages-found","pages":2,"skipped":0,"time":"2025-01-02T03:04:05.000Z"}',
  '{"type":"worker-started","slot":"gpu2-0","gpu":2,"pid":7,"time":"2025-01-02T03:04:05.000Z"}',
  '{"type":"page-started","page":"a.png","slot":"gpu2-0","attempt":1,"time":"2025-01-02T03:04:07.000Z"}',
  '{"type":"page-finished","page":"a.png","slot":"gpu2-0","attempt":1,"outcome":"translated","seconds":3,"output":"a.png","time":"2025-01-02T03:04:10.000Z"}',
  '{"type":"worker-exited","slot":"gpu2-0","exitCode":0,"signal":null,"pages":1,"time":"2025-01-02T03:04:11.000Z"}',
];
const NEW = [
  '{"type":"run-started","v":1,"run":"r","gpus":[{"index":4,"name":"Tesla T4"}],"slots":["one"],"slotDevices":[{"slot":"one","device":"GPU-1","gpu":4}],"strategy":"dynamic","translator":"script","options":{},"time":"2025-01-02T03:04:05.000Z"}',
  '{"type":"slot-joined","slot":"node2-gpu0-0","device":"GPU-2","gpu":5,"node":"node2","why":"node2 joined","time":"2025-01-02T03:04:06.000Z"}',
  '{"type":"slot-joined","slot":"bad","device":"GPU-2","gpu":"5","why":"","time":"2025-01-02T03:04:06.000Z"}',
  '{"type":"service-waiting","seconds":40,"message":"429","time":"2025-01-02T03:04:07.000Z"}',
  '{"type":"page-finished","page":"a.png","slot":"node2-gpu0-0","attempt":1,"outcome":"translated","seconds":3,"output":"a.png","time":"2025-01-02T03:04:10.000Z"}',
  '{"type":"slot-retired","slot":"one","why":"1 of 2 workers fit on gpu4","time":"2025-01-02T03:04:11.000Z"}',
];

async function summaryOf(lines: readonly string[]): Promise<RunSummary> {
  const folder = await mkdtemp(path.join(tmpdir(), 'events-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = path.join(folder, 'events.ndjson');
  await writeFile(file, `${lines.join('\n')}\n`);
  const builder = new SummaryBuilder();
  for await (const some of readEvents(file)) for (const event of some) builder.add(event);
  return builder.summary();
}

test('the events of version 0.1.0 tell what each GPU did', async () => {
  const { gpus, retired } = await summaryOf(OLD);
  expect(gpus).toMatchObject([
    { gpu: 2, name: 'Tesla T4', pages: 1, busySeconds: 6, loads: 1, secondsPerLoad: 2 },
  ]);
  expect(retired).toBeUndefined();
});

test('where events tell a slot’s GPU, its name is not asked', async () => {
  const { gpus, retired } = await summaryOf(NEW);
  expect(gpus).toMatchObject([
    { gpu: 4, name: 'Tesla T4', pages: 0 },
    { gpu: 5, pages: 1 },
  ]);
  expect(retired).toEqual([{ slot: 'one', gpu: 4, why: '1 of 2 workers fit on gpu4' }]);
});
