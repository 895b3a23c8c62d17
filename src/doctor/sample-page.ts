import { crc32, deflateSync } from 'node:zlib';

const WIDTH = 600;
const HEIGHT = 800;
const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const GREY_8_BIT = [8, 0, 0, 0, 0];

/** A page as PNG: a speech balloon with four block-like glyphs, so that a translator has something to look for. */
export function samplePage(): Buffer {
  const row = WIDTH + 1;
  const pixels = Buffer.alloc(row * HEIGHT, 0xff);
  for (let y = 0; y < HEIGHT; y += 1) {
    pixels[y * row] = 0;
    for (let x = 0; x < WIDTH; x += 1) pixels[y * row + 1 + x] = shadeAt(x, y);
  }
  const size = Buffer.alloc(8);
  size.writeUInt32BE(WIDTH, 0);
  size.writeUInt32BE(HEIGHT, 4);
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', Buffer.concat([size, Buffer.from(GREY_8_BIT)])),
    chunk('IDAT', deflateSync(pixels)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function shadeAt(x: number, y: number): number {
  const fromBalloon = Math.hypot((x - 300) / 150, (y - 250) / 150);
  if (Math.abs(fromBalloon - 1) < 0.015) return 0x70;
  const isGlyphRow = y >= 220 && y < 260;
  const inGlyph = x >= 200 && x < 420 && (x - 200) % 55 < 40;
  return isGlyphRow && inGlyph ? 0 : 0xff;
}

function chunk(type: string, content: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(content.length, 0);
  head.write(type, 4, 'latin1');
  const crc = Buffer.alloc(4);
  crc.writeUInt32BE(crc32(content, crc32(head.subarray(4))), 0);
  return Buffer.concat([head, content, crc]);
}
