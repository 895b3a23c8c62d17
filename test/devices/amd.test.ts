import { expect, test } from 'vitest';
import { parseAmdSmi, parseRocmSmi } from '../../src/devices/amd.ts';
import { recorded } from './recorded.ts';

const MIB = 1024 * 1024;

test('joins the three answers of amd-smi, warnings before the JSON notwithstanding', () => {
  const gpus = parseAmdSmi({
    list: recorded('amd-smi-list.txt'),
    static: recorded('amd-smi-static.txt'),
    metric: recorded('amd-smi-metric.txt'),
  });
  expect(gpus).toEqual([
    {
      index: 0,
      vendor: 'amd',
      uuid: '00ff1586-0000-1000-8000-000000000000',
      name: 'Strix Halo [Radeon Graphics / Radeon 8050S Graphics / Radeon 8060S Graphics]',
      memoryTotalBytes: 8176 * MIB,
      memoryFreeBytes: 7974 * MIB,
      utilisation: 0.01,
      visibleAs: '0',
    },
  ]);
});

test('knows the form of ROCm 7, and HIP’s name for a card', () => {
  const text = recorded('amd-smi-static-rocm7.txt');
  expect(parseAmdSmi({ list: text, static: text })).toEqual([
    {
      index: 0,
      vendor: 'amd',
      uuid: 'GPU-79ccd55167a2124a',
      name: 'AMD Instinct MI300X',
      memoryTotalBytes: 196592 * MIB,
      visibleAs: '0',
    },
  ]);
});

test('lists a card of which amd-smi tells nothing else', () => {
  expect(parseAmdSmi({ list: '[{"gpu": 3, "usage": "N/A"}]', metric: 'no', static: '[]' })).toEqual([
    { index: 3, vendor: 'amd', visibleAs: '0' },
  ]);
});

test('reads two cards of an older rocm-smi', () => {
  expect(parseRocmSmi(recorded('rocm-smi-mi100.txt'))).toEqual([
    {
      index: 0,
      vendor: 'amd',
      uuid: 'GPU-79ccd55167a2124a',
      name: 'Arcturus GL-XL [Instinct MI100]',
      memoryTotalBytes: 34342961152,
      memoryFreeBytes: 34342961152 - 6750208,
      utilisation: 0,
      visibleAs: '0',
    },
    expect.objectContaining({ index: 1, uuid: 'GPU-04edfb117a17a07d', visibleAs: '1' }),
  ]);
});

test('reads the newer keys of rocm-smi', () => {
  expect(parseRocmSmi(recorded('rocm-smi-rx7900xt.txt'))).toMatchObject([
    { name: 'Radeon RX 7900 XT', memoryTotalBytes: 21458059264, visibleAs: '0' },
  ]);
});

test('finds nothing in what is no JSON of a known form', () => {
  for (const text of [
    '',
    'WARNING: No JSON data to report',
    '[1, 2',
    '{"card0": "flat"}',
    '"text"',
    'null',
  ]) {
    expect(parseRocmSmi(text) ?? []).toEqual([]);
    expect(parseAmdSmi({ list: text }) ?? []).toEqual([]);
  }
});
