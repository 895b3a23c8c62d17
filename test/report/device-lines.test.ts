import { expect, test } from 'vitest';
import type { Happening, RunEvent } from '../../src/model/events.ts';
import { PLAIN_PAINT } from '../../src/report/colours.ts';
import { deviceLines } from '../../src/report/device-lines.ts';
import { type DeviceRow, DevicesAtWork } from '../../src/report/devices-at-work.ts';
import { Progress } from '../../src/report/progress.ts';
import { textWidth } from '../../src/report/text-width.ts';
import { at, translated } from './streams.ts';

const timeOf = (seconds: number): number =>
  Date.parse(at(seconds, { type: 'notice', level: 'info', text: '' }).time);

/** Two cards, with two slots on the first, whose names say nothing. */
const STARTED: RunEvent = at(0, {
  type: 'run-started',
  v: 1,
  run: 'r1',
  gpus: [
    { index: 0, name: 'NVIDIA GeForce RTX 4090', memoryTotalBytes: 24e9 },
    { index: 7, name: 'Tesla T4', memoryTotalBytes: 16e9 },
  ],
  slots: ['x', 'y', 'z'],
  slotDevices: [
    { slot: 'x', device: 'card-a', gpu: 0 },
    { slot: 'z', device: 'card-b', gpu: 7 },
    { slot: 'y', device: 'card-a', gpu: 0 },
  ],
  strategy: 'dynamic',
  translator: 'script',
  options: {},
});
const page = (name: string, slot: string): Happening => ({
  type: 'page-started',
  page: name,
  slot,
  attempt: 1,
});
const sampled = (gpu: number, utilisation: number, memoryUsedBytes: number): Happening => ({
  type: 'gpu-sampled',
  gpu,
  utilisation,
  memoryUsedBytes,
});
const joined: Happening = {
  type: 'slot-joined',
  slot: 'new',
  device: 'card-c',
  gpu: 9,
  node: 'node2',
  why: 'node2 joined',
};

/** Rows after these events, at a moment. */
function rowsAt(second: number, events: readonly RunEvent[]): DeviceRow[] {
  const [progress, devices] = [new Progress(), new DevicesAtWork()];
  for (const event of events) {
    progress.add(event);
    devices.add(event);
  }
  return devices.rows(progress.slots, timeOf(second));
}
const linesAt = (second: number, events: readonly RunEvent[], columns = 80, most = 18): string[] =>
  deviceLines(rowsAt(second, events), most, {
    width: columns - 1,
    nowMs: timeOf(second),
    paint: PLAIN_PAINT,
  });

test('a line a device: model, use, memory, workers and the page that is at work for longest', () => {
  const events = [
    STARTED,
    at(1, page('vol2/003.png', 'y')),
    at(2, page('vol2/004.png', 'x')),
    at(3, page('vol2/005.png', 'z')),
    at(4, sampled(0, 0.875, 9.13e9)),
    at(4, sampled(7, 0.05, 11.2e9)),
  ];
  expect(linesAt(5, events)).toEqual([
    'gpu0  RTX 4090  ▕███████ ▏  88 %   9.1/24 GB  2 workers  vol2/003.png  4 s',
    'gpu7  T4        ▕▍       ▏   5 %  11.2/16 GB  1 worker   vol2/005.png  2 s',
  ]);
  expect(linesAt(5, events, 60)).toEqual([
    'gpu0  88 %   9.1/24 GB  2 workers  vol2/003.png  4 s',
    'gpu7   5 %  11.2/16 GB  1 worker   vol2/005.png  2 s',
  ]);
  expect(linesAt(5, events, 40)).toEqual(['gpu0  88 %  vol2/003.png  4 s', 'gpu7   5 %  vol2/005.png  2 s']);
});

test('a column of which nothing is known is left out for all, and one of which little is known is not', () => {
  expect(linesAt(2, [STARTED, at(1, page('a.png', 'z'))])).toEqual([
    'gpu0  RTX 4090  2 workers  –',
    'gpu7  T4        1 worker   a.png  1 s',
  ]);
  const [, known = ''] = linesAt(2, [STARTED, at(1, sampled(7, 1, 15e9))]);
  expect(known).toMatch(/^gpu7 {2}T4 +▕████████▏ {2}100 % {2}15\.0\/16 GB {2}1 worker/);
  const old = linesAt(70, [STARTED, at(1, sampled(7, 1, 15e9))]);
  expect(old.join('\n')).not.toContain('%');
});

test('what packing brought is told where there is room for it', () => {
  const packed: Happening = {
    type: 'packing-changed',
    device: 'card-a',
    gpu: 0,
    workers: 2,
    times: 1.84,
    why: 'a third brought nothing',
  };
  const events = [STARTED, at(1, page('a.png', 'x')), at(1, packed)];
  expect(linesAt(2, events)[0]).toBe('gpu0  RTX 4090  2 workers  1.8 × one  a.png  1 s');
  expect(linesAt(2, events, 55)[0]).toBe('gpu0  RTX 4090  2 workers  a.png  1 s');
});

test('a device without a page says what it does instead', () => {
  const states = (second: number, ...more: RunEvent[]): unknown[] =>
    rowsAt(second, [STARTED, ...more]).map(({ doing, text }) => [doing, text]);
  const loading = at(1, { type: 'worker-started', slot: 'x', gpu: 0, pid: 1 } as const);
  expect(states(2, loading)).toEqual([
    ['loading', undefined],
    ['waiting', undefined],
  ]);
  const ended = [at(1, page('a.png', 'x')), at(5, translated('a.png', 'x', 4))];
  // Some milliseconds until the next page are no news.
  expect(states(5.5, ...ended)[0]).toEqual(['page', 'a.png']);
  expect(states(7, ...ended)[0]).toEqual(['waiting', undefined]);
  const benched = at(5, { type: 'gpu-benched', gpu: 0, reason: 'the driver is gone' } as const);
  expect(states(7, at(1, page('a.png', 'x')), benched)[0]).toEqual(['page', 'a.png']);
  expect(states(7, ...ended, benched)[0]).toEqual(['disabled', 'the driver is gone']);
});

test('a device comes with its first slot and goes with its last, unless it is disabled', () => {
  const labels = (...more: RunEvent[]): string[] => rowsAt(20, [STARTED, ...more]).map(({ label }) => label);
  const gone = (slot: string): RunEvent => at(10, { type: 'slot-retired', slot, why: 'node2 left' });
  expect(labels(at(5, joined))).toEqual(['gpu0', 'gpu7', 'node2 gpu9']);
  expect(labels(at(5, joined), gone('new'))).toEqual(['gpu0', 'gpu7']);
  expect(labels(at(5, joined), gone('new'), at(15, joined))).toContain('node2 gpu9');
  const benched = at(9, { type: 'gpu-benched', gpu: 7, reason: 'lost' } as const);
  expect(labels(benched, gone('z'))).toEqual(['gpu0', 'gpu7']);
});

test('devices that have no line are counted by what they do', () => {
  const row = (n: number, more: Partial<DeviceRow>): DeviceRow => ({
    label: `gpu${n}`,
    workers: 1,
    doing: 'waiting',
    ...more,
  });
  const rows = Array.from({ length: 64 }, (_, n) =>
    row(n, n < 50 ? { doing: 'page', text: 'a.png', sinceMs: 0 } : n < 54 ? { doing: 'loading' } : {}),
  );
  const canvas = { width: 79, nowMs: 1000, paint: PLAIN_PAINT };
  const lines = deviceLines(rows, 18, canvas);
  expect(lines).toHaveLength(18);
  expect(lines.at(-1)).toBe('and 47 more devices: 33 working, 4 starting, 10 waiting');
  expect(deviceLines(rows, 1, canvas)).toEqual(['64 devices: 50 working, 4 starting, 10 waiting']);
  expect(deviceLines(rows.slice(0, 18), 18, canvas).at(-1)).toBe('gpu17  a.png  1 s');
  expect(deviceLines([], 18, canvas)).toEqual([]);
});

test('long names lose what says least, and the time stays whole', () => {
  const rows: DeviceRow[] = [
    {
      label: 'a-machine-with-a-long-name.example.org gpu12',
      model: 'AMD Instinct MI300X with a name that is long',
      use: 0.5,
      workers: 1,
      doing: 'page',
      text: `${'第一巻'.repeat(30)}/001.png`,
      stage: 'detection',
      sinceMs: 0,
    },
  ];
  const [line = ''] = deviceLines(rows, 18, { width: 79, nowMs: 62_000, paint: PLAIN_PAINT });
  expect(line).toMatch(/^a-machine.*… *\S* gpu12 {2}Instinct MI300X… {2}50 % {2}….*\/001\.png {2}1 min 2 s$/);
  expect(textWidth(line)).toBeLessThan(80);
});
