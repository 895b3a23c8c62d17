import { expect, test } from 'vitest';
import { inHand, STRETCH_BYTES } from '../../src/pages/byte-reads.ts';
import { formatOf } from '../../src/pages/image-format.ts';
import type { ImageStructure, Wanted } from '../../src/pages/structure/image-structure.ts';
import { readStructure } from '../../src/pages/structure/read-structure.ts';

interface Read {
  readonly found: ImageStructure;
  readonly reads: number;
  readonly bytes: number;
}

/** Reads a file that is in memory, and counts. */
function read(file: Buffer, wanted: Wanted): Read {
  const format = formatOf(file);
  if (format === undefined) throw new Error('no image');
  const reader = readStructure(format, file.length, wanted);
  let [reads, bytes] = [0, 0];
  let step = reader.next();
  while (!step.done) {
    expect(step.value.length).toBeLessThanOrEqual(STRETCH_BYTES);
    const seen = inHand(file, step.value, file.length) ?? Buffer.alloc(0);
    reads += 1;
    bytes += seen.length;
    step = reader.next(seen);
  }
  return { found: step.value, reads, bytes };
}

const u16 = (value: number): Buffer => Buffer.from([value & 255, value >> 8]);
function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
const entry = (tag: number, count: number, value: number): Buffer =>
  Buffer.concat([u16(tag), u16(4), u32(count), u32(value)]);
const directory = (entries: readonly Buffer[], next = 0): Buffer =>
  Buffer.concat([u16(entries.length), ...entries, u32(next)]);
const tiff = (...parts: readonly Buffer[]): Buffer => Buffer.concat([Buffer.from('II*\0'), u32(8), ...parts]);
const PIXELS = [entry(256, 1, 9), entry(257, 1, 7), entry(273, 1, 8), entry(279, 1, 8)];

/** Files of 1 to 8 MB that were made to take long. */
const CRAFTED: Readonly<Record<string, Buffer>> = {
  'a TIFF of one tag, 65,535 times': tiff(
    directory(Array.from({ length: 65_535 }, () => entry(273, 1 << 20, 800_000))),
    Buffer.alloc(7_000_000),
  ),
  'a TIFF with 900,000 strips': tiff(
    directory([...PIXELS.slice(0, 2), entry(273, 900_000, 100), entry(279, 900_000, 100)]),
    Buffer.alloc(4_000_000),
  ),
  'a TIFF with 20,000 directories': tiff(
    ...Array.from({ length: 20_000 }, (_, at) => directory(PIXELS, 8 + (at + 1) * 54)),
  ),
  'a TIFF whose directory is its own next one': tiff(directory(PIXELS, 8)),
  'a BigTIFF whose directory has 2^63 entries': Buffer.concat([
    Buffer.from('II+\0\x08\0\0\0\x10\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x80', 'latin1'),
    Buffer.alloc(1000),
  ]),
  'a BigTIFF whose directory is 2^64 bytes on': Buffer.concat([
    Buffer.from('II+\0\x08\0\0\0', 'latin1'),
    Buffer.alloc(8, 0xff),
    Buffer.alloc(1000),
  ]),
  'a JPEG of empty comments': Buffer.concat([
    Buffer.from([0xff, 0xd8]),
    Buffer.alloc(4_000_000, Buffer.from([0xff, 0xfe, 0, 2])),
  ]),
  'a JPEG of 0xff': Buffer.concat([Buffer.from([0xff, 0xd8]), Buffer.alloc(4_000_000, 0xff)]),
  'a PNG of empty chunks': Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    Buffer.alloc(4_000_000, Buffer.from('\0\0\0\0tEXt\xa8\xb3\xec\x6d', 'latin1')),
  ]),
  'a GIF of empty blocks': Buffer.concat([
    Buffer.from('GIF89a\x09\0\x07\0\0\0\0', 'latin1'),
    Buffer.alloc(4_000_000, Buffer.from('!\xfe\0', 'latin1')),
  ]),
  'a WebP of empty chunks': Buffer.concat([
    Buffer.from('RIFF'),
    u32(4_000_004),
    Buffer.from('WEBP'),
    Buffer.alloc(4_000_000, Buffer.from('ABCD\0\0\0\0')),
  ]),
  'an AVIF of empty boxes': Buffer.concat([
    Buffer.from('\0\0\0\x14ftypavif\0\0\0\0avif', 'latin1'),
    Buffer.alloc(4_000_000, Buffer.from('\0\0\0\x08free', 'latin1')),
  ]),
  'an AVIF of boxes without a size': Buffer.concat([
    Buffer.from('\0\0\0\x14ftypavif\0\0\0\0avif', 'latin1'),
    Buffer.alloc(1_000_000),
  ]),
  'a JPEG XL of empty parts': Buffer.concat([
    Buffer.from('\0\0\0\x0cJXL \r\n\x87\n\0\0\0\x14ftypjxl \0\0\0\0jxl ', 'latin1'),
    Buffer.alloc(4_000_000, Buffer.from('\0\0\0\x08jxlp', 'latin1')),
  ]),
};

test.each(Object.entries(CRAFTED))('bears %s', (_, file) => {
  for (const wanted of ['size', 'end'] as const) {
    const { reads, bytes } = read(file, wanted);
    // Twice over where a piece is read again for what begins at its end.
    expect([wanted, bytes <= 2 * file.length + 1_000_000]).toEqual([wanted, true]);
    expect([wanted, reads < 4500]).toEqual([wanted, true]);
  }
});

test('a size is read from a few kilobytes', () => {
  for (const [what, file] of Object.entries(CRAFTED)) {
    const { found, bytes } = read(file, 'size');
    if (found.size) expect([what, found.size, bytes < 20_000]).toEqual([what, { width: 9, height: 7 }, true]);
  }
});

test('a TIFF past the bounds is no reason to call it cut', () => {
  const { found } = read(CRAFTED['a TIFF with 20,000 directories'] ?? Buffer.alloc(0), 'end');
  expect(found).toEqual({ size: { width: 9, height: 7 }, isOpenEnded: true });
});
