import { expect, test } from 'vitest';
import { formatGpus, gpusReport } from '../../src/cli/gpus.ts';
import { PLAIN_PAINT } from '../../src/report/colours.ts';
import { gpuTable } from '../../src/report/gpu-table.ts';
import { columnsOf } from '../../src/report/output.ts';
import type { GpuSummary } from '../../src/report/summary-schema.ts';
import { type TextColumn, textTable } from '../../src/report/text-table.ts';
import { textWidth } from '../../src/report/text-width.ts';
import { machineWith } from '../devices/recorded.ts';
import { TestStream } from './streams.ts';

interface Row {
  readonly name: string;
  readonly pages: number;
  readonly uuid: string;
}
const COLUMNS: readonly TextColumn<Row>[] = [
  { head: 'name', cell: ({ name }) => name, side: 'left', least: 8 },
  { head: 'pages', cell: ({ pages }) => `${pages}` },
  { head: 'UUID', cell: ({ uuid }) => uuid, side: 'left', mayMove: true },
];
const ROWS: readonly Row[] = [
  { name: 'NVIDIA GeForce RTX 4090', pages: 12, uuid: 'GPU-1234' },
  { name: '漫画の機械', pages: 3, uuid: '-' },
];
const linesAt = (width?: number): string[] => {
  const { head, lines } = textTable(ROWS, COLUMNS, width);
  return [head, ...lines].join('\n').split('\n');
};

test('a table is as wide as its texts where there is room', () => {
  expect(linesAt()).toEqual([
    'name                     pages  UUID',
    'NVIDIA GeForce RTX 4090     12  GPU-1234',
    '漫画の機械                   3  -',
  ]);
});

test('names lose their middle first, then columns go below their rows', () => {
  expect(linesAt(32)).toEqual([
    'name             pages  UUID',
    'NVIDIA …TX 4090     12  GPU-1234',
    '漫画の機械           3  -',
  ]);
  expect(linesAt(20)).toEqual([
    'name           pages',
    'NVIDIA…X 4090     12',
    '      UUID GPU-1234',
    '漫画の機械         3',
  ]);
});

const CARD = 'NVIDIA GeForce RTX 4090 Laptop GPU';
const gpu: GpuSummary = {
  gpu: 63,
  name: `${CARD} part 12`,
  pages: 12_345,
  outcomes: { translated: 12_000, 'no-text': 300, untranslated: 40, failed: 5 },
  secondsPerPage: 12.34,
  busySeconds: 3600,
  busyShare: 1,
  loads: 12,
  secondsPerLoad: 123.4,
  exits: { '0': 5, '1': 4, SIGKILL: 2, SIGTERM: 1 },
};

test.each([40, 60, 80, 100, 200])('the table of a run loses nothing but middles at %i columns', (columns) => {
  const lines = gpuTable([gpu, { ...gpu, gpu: null, name: undefined }], { paint: PLAIN_PAINT, columns });
  for (const line of lines.join('\n').split('\n')) expect(textWidth(line)).toBeLessThanOrEqual(columns);
  const words = lines.join(' ');
  for (const word of ['gpu63', 'part 12', '12345', '12000', '12.34', '123.4', '100 %', 'SIGKILL ×2'])
    expect(words.replaceAll(/\s+/g, ' ')).toContain(word);
});

test.each([40, 60, 80])('the list of GPUs fits %i columns, with whole UUIDs', (columns) => {
  const { gpus, ...machine } = machineWith(2);
  const detected = { ...machine, gpus: gpus.map((one) => ({ ...one, name: CARD })) };
  const text = formatGpus(gpusReport({ detected, env: {} }), PLAIN_PAINT, columns);
  for (const line of text.split('\n').filter((one) => !one.includes('GPU-')))
    expect(textWidth(line)).toBeLessThanOrEqual(columns);
  for (const { uuid } of gpus) expect(text).toContain(uuid);
  expect(text).toContain('p GPU');
});

test('lines are as wide as a terminal, and as long as they are elsewhere', () => {
  expect(columnsOf(new TestStream({ isTTY: true, columns: 60 }))).toBe(59);
  expect(columnsOf(new TestStream({ isTTY: true, columns: 0 }))).toBe(79);
  expect(columnsOf(new TestStream())).toBeUndefined();
});
