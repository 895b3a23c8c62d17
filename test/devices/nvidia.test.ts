import { expect, test } from 'vitest';
import { nvidiaGpus, parseMigDevices, parseNvidiaQuery } from '../../src/devices/nvidia.ts';
import { detectedNvidia, recorded } from './recorded.ts';

const MIB = 1024 * 1024;

test('reads two idle cards', () => {
  expect(detectedNvidia('nvidia-t4x2.csv').gpus).toEqual([
    {
      index: 0,
      vendor: 'nvidia',
      uuid: 'GPU-1c0f7f30-e7d0-5bb5-7d0f-d2356bf0d282',
      name: 'Tesla T4',
      memoryTotalBytes: 15360 * MIB,
      memoryFreeBytes: 14912 * MIB,
      utilisation: 0,
      visibleAs: '0',
    },
    expect.objectContaining({ index: 1, visibleAs: '1' }),
  ]);
});

test('takes a value that the driver has no word for as missing', () => {
  const { gpus, unusable } = detectedNvidia('nvidia-not-available.csv');
  expect(gpus).toEqual([
    expect.objectContaining({ index: 0, name: 'NVIDIA GB10' }),
    expect.objectContaining({ index: 1 }),
  ]);
  for (const gpu of gpus) {
    expect(gpu).not.toHaveProperty('memoryTotalBytes');
    expect(gpu).not.toHaveProperty('utilisation');
  }
  expect(unusable).toEqual([]);
});

test('sets aside a card that requires a reset', () => {
  const { gpus, unusable } = detectedNvidia('nvidia-needs-reset.csv');
  expect(gpus.map((gpu) => gpu.index)).toEqual([1]);
  expect(unusable).toMatchObject([{ gpu: { index: 0 }, why: 'needs-reset' }]);
});

test.each([
  ['in words', '0, GPU-1, Tesla T4, [GPU is lost], [GPU is lost], [GPU is lost], [GPU is lost]'],
  ['with its number alone', '0, [Unknown Error], ERR!, [Unknown Error], ERR!, ERR!, [Unknown Error]'],
])('sets aside a card that is lost: %s', (_, line) => {
  const { cards } = parseNvidiaQuery(`${line}\n1, GPU-2, Tesla T4, 15360, ERR!, ERR!, [N/A]\n`, {
    mig: true,
  });
  const { gpus, unusable } = nvidiaGpus(cards, []);
  expect(gpus).toEqual([
    {
      index: 1,
      vendor: 'nvidia',
      uuid: 'GPU-2',
      name: 'Tesla T4',
      memoryTotalBytes: 15360 * MIB,
      visibleAs: 'GPU-2',
    },
  ]);
  expect(unusable).toMatchObject([{ gpu: { index: 0 }, why: 'lost' }]);
});

test('reads cards without the MIG field, and names with commas', () => {
  const old = parseNvidiaQuery(recorded('nvidia-old-driver.csv'), { mig: false });
  expect(old.cards.map(({ gpu }) => [gpu.name, gpu.utilisation])).toEqual([
    ['GeForce GTX 1080 Ti', 0.03],
    ['GeForce GTX 1080 Ti', 1],
  ]);
  const comma = parseNvidiaQuery('0, GPU-1, Vendor, Model X, 200, 100, 50, [N/A]', { mig: true });
  expect(comma.cards[0]?.gpu).toMatchObject({ name: 'Vendor, Model X', memoryTotalBytes: 200 * MIB });
});

test('keeps the lines that are no card', () => {
  const text = `Unable to determine the device handle for GPU 0000:0B:00.0: Unknown Error\n${recorded('nvidia-t4x2.csv')}`;
  const { cards, otherLines } = parseNvidiaQuery(text, { mig: true });
  expect(cards).toHaveLength(2);
  expect(otherLines).toEqual(['Unable to determine the device handle for GPU 0000:0B:00.0: Unknown Error']);
});

test('gives the MIG devices in place of their card, numbered after the last card', () => {
  const { gpus, unusable } = detectedNvidia('nvidia-mig.csv', 'nvidia-mig-list.txt');
  expect(gpus.map(({ index, visibleAs }) => [index, visibleAs])).toEqual([
    [1, 'GPU-7e7d2a20-56b8-3220-e75c-1f3185864bda'],
    [2, 'MIG-4d0efb7d-0970-51d9-b761-0686be6b8af3'],
    [3, 'MIG-7d8b2e8d-57ea-5fe3-83bc-2026e5cb10fb'],
  ]);
  expect(gpus[1]?.name).toBe('NVIDIA H100 80GB HBM3 MIG 1g.10gb');
  expect(unusable).toMatchObject([{ gpu: { index: 0 }, why: 'mig-mode', migDevices: [{}, {}] }]);
});

test('reads the MIG UUIDs of old drivers', () => {
  expect(parseMigDevices(recorded('nvidia-mig-list-old.txt'))).toEqual([
    {
      cardUuid: 'GPU-fb8bbc70-d551-45f9-43d4-9734f9cddb2c',
      profile: '3g.20gb',
      uuid: 'MIG-GPU-fb8bbc70-d551-45f9-43d4-9734f9cddb2c/1/0',
    },
    expect.objectContaining({ uuid: 'MIG-GPU-fb8bbc70-d551-45f9-43d4-9734f9cddb2c/2/0' }),
  ]);
});

test('finds nothing in an error or in nothing', () => {
  for (const text of [recorded('nvidia-driver-error.txt'), recorded('nvidia-no-devices.txt'), '', '\n\n']) {
    expect(parseNvidiaQuery(text, { mig: true }).cards).toEqual([]);
  }
  expect(nvidiaGpus([], [])).toEqual({ gpus: [], unusable: [] });
});

test.each([
  ['[N/A]', '[N/A]'],
  ['[Not Supported]', '[Not Supported]'],
  ['[Insufficient Permissions]', '[Insufficient Permissions]'],
  ['[Unknown Error]', 'ERR!'],
  ['16.384', '1.5e4'],
  ['-5', '99999999999'],
  ['0', '16384 GiB'],
])('memory told as %s, and free as %s, is not known', (total, free) => {
  const { cards } = parseNvidiaQuery(`0, GPU-1, NVIDIA GB10, ${total}, ${free}, 3`, { mig: false });
  const [card] = cards;
  expect(card?.gpu).toMatchObject({ index: 0, utilisation: 0.03 });
  expect(card?.gpu).not.toHaveProperty('memoryTotalBytes');
  expect(card?.gpu).not.toHaveProperty('memoryFreeBytes');
  expect(card?.fault).toBeUndefined();
});

test('a header, units, a card that is listed twice, and more than there can be', () => {
  const text = [
    'index, uuid, name, memory.total [MiB], memory.free [MiB], utilization.gpu [%]',
    '0, GPU-1, Tesla T4, 15360 MiB, 14912 MiB, 3 %',
    '0, GPU-1, Tesla T4, 15360, 14912, 3',
    '1, GPU-2, Tesla T4, 15360, 99999, 300',
    '99999999999999999999, GPU-3, Tesla T4, 15360, 14912, 3',
    ...Array.from({ length: 5000 }, () => 'x'.repeat(5000)),
  ];
  const { cards, otherLines } = parseNvidiaQuery(text.join('\r\n'), { mig: false });
  const memory = { memoryTotalBytes: 15360 * MIB };
  expect(cards.map(({ gpu }) => gpu)).toMatchObject([
    { index: 0, ...memory, memoryFreeBytes: 14912 * MIB, utilisation: 0.03 },
    { index: 1, ...memory, memoryFreeBytes: 15360 * MIB, utilisation: 1 },
  ]);
  expect(otherLines.length).toBeLessThan(1000);
  expect(Math.max(...otherLines.map(({ length }) => length))).toBe(500);
});
