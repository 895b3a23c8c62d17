import { expect, test } from 'vitest';
import type { RunEvent } from '../../src/model/events.ts';
import { PLAIN_PAINT } from '../../src/report/colours.ts';
import { eventLine } from '../../src/report/event-line.ts';
import { SummaryBuilder } from '../../src/report/summary.ts';
import { runSummarySchema } from '../../src/report/summary-schema.ts';
import { summaryText } from '../../src/report/summary-text.ts';
import { at, translated } from './streams.ts';

const joined = (seconds: number, node: number, gpu: number): RunEvent =>
  at(seconds, {
    type: 'slot-joined',
    slot: `node${node}-gpu${gpu}-0`,
    device: `node${node}-gpu${gpu}`,
    gpu,
    node: `node${node}`,
    gpuName: 'Tesla T4',
    why: 'a GPU of it is held',
  });
const nodeJoined = (node: number, gpus: number): RunEvent =>
  at(0, { type: 'node-joined', node: `node${node}`, address: `10.0.0.${node}`, host: `host-${node}`, gpus });
const started = (slot: string, gpu: number): RunEvent => at(2, { type: 'worker-started', slot, gpu, pid: 1 });

/** Two GPUs of one node do a page each; the other node is lost before its first page. */
const RUN: readonly RunEvent[] = [
  at(0, {
    type: 'run-started',
    v: 1,
    run: 'r1',
    gpus: [{ index: 0 }, { index: 1 }, { index: 2 }, { index: 3 }],
    slots: [],
    slotDevices: [],
    strategy: 'dynamic',
    translator: 'worker.py',
    options: {},
  }),
  nodeJoined(1, 2),
  nodeJoined(2, 2),
  at(0, { type: 'pages-found', pages: 2, skipped: 0 }),
  joined(1, 1, 0),
  joined(1, 1, 1),
  joined(1, 2, 2),
  started('node1-gpu0-0', 0),
  started('node1-gpu1-0', 1),
  at(3, translated('1.png', 'node1-gpu0-0', 1)),
  at(4, translated('2.png', 'node1-gpu1-0', 1)),
  at(5, { type: 'node-left', node: 'node2', why: 'Ray has lost contact with it' }),
];

test('the summary has a block for each node, with its GPUs by their names', () => {
  const builder = new SummaryBuilder();
  for (const event of RUN) builder.add(event);
  const summary = builder.summary();
  expect(runSummarySchema.parse(summary)).toEqual(summary);
  expect(summary.nodes).toEqual([
    { node: 'node1', address: '10.0.0.1', host: 'host-1', gpus: 2 },
    { node: 'node2', address: '10.0.0.2', host: 'host-2', gpus: 2, left: 'Ray has lost contact with it' },
  ]);
  expect(summary.gpus.map(({ gpu, node, name }) => `${node} ${gpu} ${name}`)).toEqual([
    'node1 0 Tesla T4',
    'node1 1 Tesla T4',
    'node2 2 Tesla T4',
  ]);
  const blocks = summaryText(summary, PLAIN_PAINT).split('\n\n');
  expect(blocks[1]).toMatch(
    /^node1 {2}10\.0\.0\.1 {2}host-1, 2 GPUs\nGPU .*\ngpu0 {2}Tesla T4 .*\ngpu1 {2}Tesla T4/,
  );
  expect(blocks[2]).toBe('node2  10.0.0.2  host-2, 0 of 2 GPUs used, left: Ray has lost contact with it');
});

test('a log says how many GPUs there may be, which nodes there are, and which is lost', () => {
  const lines = RUN.map((event) => eventLine(event, { logLevel: 'warn', paint: PLAIN_PAINT }));
  expect(lines[0]).toContain('worker.py on up to 4 GPUs, strategy dynamic');
  expect(lines[1]).toContain('node1: 10.0.0.1 (host-1), 2 GPUs');
  expect(lines.at(-1)).toContain('node2 left: Ray has lost contact with it');
});
