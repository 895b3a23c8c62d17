import type { Pixels } from '../pages/encode-png.ts';
import { type Box, blank, box, ellipse, HEIGHT, line, type Random } from './canvas.ts';
import { fillPanel, glyph } from './fill-panel.ts';

const SINGLE = 700;
const MARGIN = 36;
const GUTTER = 16;

/** A page that looks like manga from afar: the first of a chapter is its cover, the fourth a double spread. */
export function drawPage(chapter: number, page: number): Pixels {
  const random = dice(chapter * 100 + page);
  if (page === 1) return cover(chapter, random);
  return panels(page === 4 ? 2 * SINGLE : SINGLE, random);
}

/** The same numbers for the same seed: the same pages on every machine. */
function dice(seed: number): Random {
  let state = seed * 2654435761;
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 2246822519) + 374761393) >>> 0;
    return ((state ^ (state >>> 13)) >>> 0) / 2 ** 32;
  };
}

function panels(width: number, random: Random): Pixels {
  const image = blank(width, 1);
  const rows = 2 + Math.floor(random() * 2);
  const rowHeight = Math.floor((HEIGHT - 2 * MARGIN - (rows - 1) * GUTTER) / rows);
  for (let row = 0; row < rows; row += 1) {
    const y = MARGIN + row * (rowHeight + GUTTER);
    const inner = width - 2 * MARGIN;
    const split = random() < 0.7 ? Math.floor(inner * (0.35 + 0.3 * random())) : inner;
    panel(image, { x: MARGIN, y, w: split, h: rowHeight }, random);
    if (split < inner) {
      panel(image, { x: MARGIN + split + GUTTER, y, w: inner - split - GUTTER, h: rowHeight }, random);
    }
  }
  return image;
}

function panel(image: Pixels, { x, y, w, h }: Box, random: Random): void {
  box(image, { x, y, w, h }, 0);
  const inside = { x: x + 4, y: y + 4, w: w - 8, h: h - 8 };
  box(image, inside, 255);
  fillPanel(image, inside, random);
}

function cover(chapter: number, random: Random): Pixels {
  const image = blank(SINGLE, 3);
  const sky = chapter === 1 ? [250, 190, 120] : [120, 170, 240];
  for (let y = 0; y < HEIGHT; y += 1) {
    const fade = sky.map((value) => Math.round(value * (1 - y / (1.6 * HEIGHT))));
    for (let x = 0; x < SINGLE; x += 1) image.pixels.set(fade, (y * SINGLE + x) * 3);
  }
  ellipse(image, { x: 460, y: 420, rx: 150, ry: 150 }, 245);
  for (let peak = 0; peak < 5; peak += 1) mountain(image, peak * 170 - 20, 150 + 200 * random());
  for (let letter = 0; letter < 3; letter += 1)
    glyph(image, { x: 60, y: 200 + letter * 130, size: 110 }, random);
  for (let letter = 0; letter < 5; letter += 1)
    glyph(image, { x: 190, y: 210 + letter * 56, size: 44 }, random);
  return image;
}

function mountain(image: Pixels, middle: number, height: number): void {
  for (let x = -160; x < 160; x += 1) {
    const top = HEIGHT - height * (1 - Math.abs(x) / 160);
    line(image, { from: { x: middle + x, y: HEIGHT }, to: { x: middle + x, y: top } }, 30);
  }
}
