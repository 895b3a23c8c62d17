import { encodePng } from '../pages/encode-png.ts';

const WIDTH = 600;
const HEIGHT = 800;

/** A page as PNG: a speech balloon with four block-like glyphs, so that a translator has something to look for. */
export function samplePage(): Buffer {
  const pixels = new Uint8Array(WIDTH * HEIGHT);
  for (let y = 0; y < HEIGHT; y += 1)
    for (let x = 0; x < WIDTH; x += 1) pixels[y * WIDTH + x] = shadeAt(x, y);
  return encodePng({ width: WIDTH, height: HEIGHT, channels: 1, pixels });
}

function shadeAt(x: number, y: number): number {
  const fromBalloon = Math.hypot((x - 300) / 150, (y - 250) / 150);
  if (Math.abs(fromBalloon - 1) < 0.015) return 0x70;
  const isGlyphRow = y >= 220 && y < 260;
  const inGlyph = x >= 200 && x < 420 && (x - 200) % 55 < 40;
  return isGlyphRow && inGlyph ? 0 : 0xff;
}
