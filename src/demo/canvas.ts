import type { Pixels } from '../pages/encode-png.ts';

/** Height of every page that is drawn, in pixels. */
export const HEIGHT = 1000;

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Box extends Point {
  readonly w: number;
  readonly h: number;
}

/** Gives numbers from 0 to 1. */
export type Random = () => number;

/** A page of one shade. */
export const blank = (width: number, channels: 1 | 3, shade = 255): Pixels => ({
  width,
  height: HEIGHT,
  channels,
  pixels: new Uint8Array(width * HEIGHT * channels).fill(shade),
});

/** A row of pixels from `x` on, as far as they lie on the page. */
function row({ width, height, channels, pixels }: Pixels, { x, y, w }: Omit<Box, 'h'>, shade: number): void {
  if (y < 0 || y >= height) return;
  const start = Math.floor(y) * width;
  const from = Math.max(0, Math.floor(x));
  const to = Math.min(width, Math.floor(x) + Math.ceil(w));
  if (from < to) pixels.fill(shade, (start + from) * channels, (start + to) * channels);
}

/** One pixel; nothing where it lies outside. */
export function dot({ width, height, channels, pixels }: Pixels, x: number, y: number, shade: number): void {
  if (x < 0 || y < 0 || x >= width || y >= height) return;
  const at = (Math.floor(y) * width + Math.floor(x)) * channels;
  for (let channel = 0; channel < channels; channel += 1) pixels[at + channel] = shade;
}

export function box(image: Pixels, { x, y, w, h }: Box, shade: number): void {
  for (let down = 0; down < h; down += 1) row(image, { x, y: y + down, w }, shade);
}

/** `rx` and `ry` are half its width and height. */
export function ellipse(
  image: Pixels,
  { x, y, rx, ry }: Point & { readonly rx: number; readonly ry: number },
  shade: number,
): void {
  for (let dy = -ry; dy <= ry; dy += 1) {
    const half = rx * Math.sqrt(Math.max(0, 1 - (dy / ry) ** 2));
    for (let dx = -half; dx <= half; dx += 1) dot(image, x + dx, y + dy, shade);
  }
}

export function line(
  image: Pixels,
  { from, to }: { readonly from: Point; readonly to: Point },
  shade: number,
): void {
  const steps = Math.ceil(Math.hypot(to.x - from.x, to.y - from.y));
  for (let step = 0; step <= steps; step += 1) {
    const part = step / steps;
    dot(image, from.x + (to.x - from.x) * part, from.y + (to.y - from.y) * part, shade);
  }
}
