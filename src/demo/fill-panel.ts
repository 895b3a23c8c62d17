import type { Pixels } from '../pages/encode-png.ts';
import { type Box, box, dot, ellipse, line, type Point, type Random } from './canvas.ts';

/** Draws what a panel shows: a background, somebody, and what they say. */
export function fillPanel(image: Pixels, inside: Box, random: Random): void {
  if (random() < 0.5) screentone(image, inside, 6 + Math.floor(random() * 4));
  else speedLines(image, inside, random);
  figure(image, inside, random);
  balloon(image, inside, random);
}

/** Black dots on white, larger towards the bottom, as printed greys are. */
function screentone(image: Pixels, { x, y, w, h }: Box, pitch: number): void {
  for (let row = 0; row < h; row += 1) {
    const radius = pitch * (0.15 + 0.4 * (row / h));
    for (let column = 0; column < w; column += 1) {
      const shift = Math.floor(row / pitch) % 2 ? pitch / 2 : 0;
      const fromCentre = Math.hypot(((column + shift) % pitch) - pitch / 2, (row % pitch) - pitch / 2);
      if (fromCentre < radius) dot(image, x + column, y + row, 40);
    }
  }
}

function speedLines(image: Pixels, { x, y, w, h }: Box, random: Random): void {
  const focus = { x: x + w * (0.3 + 0.4 * random()), y: y + h * (0.4 + 0.3 * random()) };
  for (let count = 0; count < 90; count += 1) {
    const angle = random() * 2 * Math.PI;
    const start = Math.min(w, h) * (0.28 + 0.12 * random());
    const at = (distance: number): Point => ({
      x: focus.x + Math.cos(angle) * distance,
      y: focus.y + Math.sin(angle) * distance,
    });
    const isInside = (point: Point): boolean =>
      point.x > x && point.y > y && point.x < x + w - 1 && point.y < y + h - 1;
    let reach = start;
    while (isInside(at(reach))) reach += 4;
    if (reach > start) line(image, { from: at(start), to: at(reach - 4) }, 0);
  }
}

/** A head and shoulders, seen from so far that it has no face. */
function figure(image: Pixels, { x, y, w, h }: Box, random: Random): void {
  const size = Math.min(w, h) * (0.16 + 0.08 * random());
  const middle = { x: x + w * (0.25 + 0.2 * random()), y: y + h - size * 2 };
  box(image, { x: middle.x - size, y: middle.y + size, w: 2 * size, h: y + h - middle.y - size }, 60);
  ellipse(image, { x: middle.x, y: middle.y, rx: size * 0.95, ry: size * 1.05 }, 0);
  ellipse(image, { x: middle.x, y: middle.y + size * 0.2, rx: size * 0.7, ry: size * 0.8 }, 255);
}

/** A speech balloon with columns of blocks that pass for characters. */
function balloon(image: Pixels, { x, y, w, h }: Box, random: Random): void {
  const rx = Math.min(80, w * 0.22);
  const ry = Math.min(110, h * 0.36);
  const middle = { x: x + w - rx - 14, y: y + ry + 12 };
  const tip = { x: middle.x - rx * 1.1, y: middle.y + ry * 1.15 };
  for (let width = 0; width < 14; width += 1) {
    const foot = { x: middle.x - rx * 0.7 + width, y: middle.y + ry * 0.5 };
    line(image, { from: foot, to: tip }, width === 0 || width === 13 ? 0 : 255);
  }
  ellipse(image, { ...middle, rx, ry }, 0);
  ellipse(image, { ...middle, rx: rx - 3, ry: ry - 3 }, 255);
  const size = Math.max(8, Math.floor(rx / 4));
  for (const column of [-1, 0, 1]) {
    const letters = Math.floor((ry * (column === 0 ? 1.3 : 1)) / (size + 3));
    for (let letter = 0; letter < letters; letter += 1) {
      const at = {
        x: middle.x + column * (size + 7) - size / 2,
        y: middle.y - (letters * (size + 3)) / 2 + letter * (size + 3),
      };
      glyph(image, { ...at, size }, random);
    }
  }
}

/** Strokes in a square that pass for a character. */
export function glyph(
  image: Pixels,
  { x, y, size }: Point & { readonly size: number },
  random: Random,
): void {
  const third = Math.floor(size / 3);
  const stroke = Math.max(2, Math.round(size / 10));
  for (const step of [0, 1, 2]) {
    if (random() < 0.75) box(image, { x, y: y + step * third + 1, w: size - 1, h: stroke }, 0);
    if (random() < 0.6) box(image, { x: x + step * third + 1, y, w: stroke, h: size - 1 }, 0);
  }
}
