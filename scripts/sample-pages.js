// Draws a dozen pages that look like manga from afar: node scripts/sample-pages.js FOLDER
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { encodePng } from './png.js';

/** @typedef {import('./png.js').Image} Image */
/** @typedef {{ x: number, y: number }} Point */
/** @typedef {Point & { w: number, h: number }} Box */
/** @typedef {() => number} Random from 0 to 1 */

const HEIGHT = 1000;
const SINGLE = 700;
const MARGIN = 36;
const GUTTER = 16;

/** Writes two chapters of six pages, one of each a double spread, below `folder`; returns their relative paths. @param {string} folder */
export function makeSamplePages(folder) {
  /** @type {string[]} */
  const paths = [];
  for (const chapter of [1, 2]) {
    mkdirSync(join(folder, `chapter-${chapter}`), { recursive: true });
    for (let page = 1; page <= 6; page += 1) {
      const path = `chapter-${chapter}/${String(page).padStart(3, '0')}.png`;
      const random = dice(chapter * 100 + page);
      const width = page === 4 ? 2 * SINGLE : SINGLE;
      const drawn = page === 1 ? cover(chapter, random) : panels(width, random);
      writeFileSync(join(folder, path), encodePng(drawn));
      paths.push(path);
    }
  }
  return paths;
}

/** Numbers from 0 to 1, the same for the same seed: the same pages on every machine. @param {number} seed */
function dice(seed) {
  let state = seed * 2654435761;
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 2246822519) + 374761393) >>> 0;
    return ((state ^ (state >>> 13)) >>> 0) / 2 ** 32;
  };
}

/** @param {number} width @param {1 | 3} channels @returns {Image} */
function blank(width, channels, shade = 255) {
  return { width, height: HEIGHT, channels, pixels: new Uint8Array(width * HEIGHT * channels).fill(shade) };
}

/** @param {Image} image @param {number} x @param {number} y @param {number} shade */
function dot(image, x, y, shade) {
  if (x < 0 || y < 0 || x >= image.width || y >= image.height) return;
  const at = (Math.floor(y) * image.width + Math.floor(x)) * image.channels;
  image.pixels.fill(shade, at, at + image.channels);
}

/** @param {Image} image @param {Box} place @param {number} shade */
function box(image, { x, y, w, h }, shade) {
  for (let row = 0; row < h; row += 1)
    for (let column = 0; column < w; column += 1) dot(image, x + column, y + row, shade);
}

/** @param {Image} image @param {Point & { rx: number, ry: number }} place @param {number} shade */
function ellipse(image, { x, y, rx, ry }, shade) {
  for (let dy = -ry; dy <= ry; dy += 1) {
    const half = rx * Math.sqrt(Math.max(0, 1 - (dy / ry) ** 2));
    for (let dx = -half; dx <= half; dx += 1) dot(image, x + dx, y + dy, shade);
  }
}

/** @param {Image} image @param {Point} from @param {Point} to @param {number} shade */
function line(image, from, to, shade) {
  const steps = Math.ceil(Math.hypot(to.x - from.x, to.y - from.y));
  for (let step = 0; step <= steps; step += 1) {
    const part = step / steps;
    dot(image, from.x + (to.x - from.x) * part, from.y + (to.y - from.y) * part, shade);
  }
}

/** Black dots on white, larger towards the bottom, as printed greys are. @param {Image} image @param {Box} place @param {number} pitch */
function screentone(image, { x, y, w, h }, pitch) {
  for (let row = 0; row < h; row += 1) {
    const radius = pitch * (0.15 + 0.4 * (row / h));
    for (let column = 0; column < w; column += 1) {
      const shift = Math.floor(row / pitch) % 2 ? pitch / 2 : 0;
      const fromCentre = Math.hypot(((column + shift) % pitch) - pitch / 2, (row % pitch) - pitch / 2);
      if (fromCentre < radius) dot(image, x + column, y + row, 40);
    }
  }
}

/** @param {Image} image @param {Box} place @param {Random} random */
function speedLines(image, { x, y, w, h }, random) {
  const focus = { x: x + w * (0.3 + 0.4 * random()), y: y + h * (0.4 + 0.3 * random()) };
  for (let count = 0; count < 90; count += 1) {
    const angle = random() * 2 * Math.PI;
    const start = Math.min(w, h) * (0.28 + 0.12 * random());
    let reach = start;
    /** @param {number} distance */
    const at = (distance) => ({
      x: focus.x + Math.cos(angle) * distance,
      y: focus.y + Math.sin(angle) * distance,
    });
    /** @param {Point} point */
    const inside = (point) => point.x > x && point.y > y && point.x < x + w - 1 && point.y < y + h - 1;
    while (inside(at(reach))) reach += 4;
    if (reach > start) line(image, at(start), at(reach - 4), 0);
  }
}

/** A head and shoulders, seen from so far that it has no face. @param {Image} image @param {Box} place @param {Random} random */
function figure(image, { x, y, w, h }, random) {
  const size = Math.min(w, h) * (0.16 + 0.08 * random());
  const middle = { x: x + w * (0.25 + 0.2 * random()), y: y + h - size * 2 };
  box(image, { x: middle.x - size, y: middle.y + size, w: 2 * size, h: y + h - middle.y - size }, 60);
  ellipse(image, { x: middle.x, y: middle.y, rx: size * 0.95, ry: size * 1.05 }, 0);
  ellipse(image, { x: middle.x, y: middle.y + size * 0.2, rx: size * 0.7, ry: size * 0.8 }, 255);
}

/** A word balloon with columns of blocks that pass for characters. @param {Image} image @param {Box} place @param {Random} random */
function balloon(image, { x, y, w, h }, random) {
  const rx = Math.min(80, w * 0.22);
  const ry = Math.min(110, h * 0.36);
  const middle = { x: x + w - rx - 14, y: y + ry + 12 };
  for (let width = 0; width < 14; width += 1) {
    const foot = { x: middle.x - rx * 0.7 + width, y: middle.y + ry * 0.5 };
    line(
      image,
      foot,
      { x: middle.x - rx * 1.1, y: middle.y + ry * 1.15 },
      width === 0 || width === 13 ? 0 : 255,
    );
  }
  ellipse(image, { ...middle, rx, ry }, 0);
  ellipse(image, { ...middle, rx: rx - 3, ry: ry - 3 }, 255);
  const size = Math.max(8, Math.floor(rx / 4));
  for (let column = -1; column <= 1; column += 1) {
    const letters = Math.floor((ry * (column === 0 ? 1.3 : 1)) / (size + 3));
    for (let letter = 0; letter < letters; letter += 1) {
      const at = {
        x: middle.x + column * (size + 7) - size / 2,
        y: middle.y - (letters * (size + 3)) / 2 + letter * (size + 3),
      };
      glyph(image, at, size, random);
    }
  }
}

/** @param {Image} image @param {Point} place @param {number} size @param {Random} random */
function glyph(image, { x, y }, size, random) {
  const third = Math.floor(size / 3);
  const stroke = Math.max(2, Math.round(size / 10));
  for (const step of [0, 1, 2]) {
    if (random() < 0.75) box(image, { x, y: y + step * third + 1, w: size - 1, h: stroke }, 0);
    if (random() < 0.6) box(image, { x: x + step * third + 1, y, w: stroke, h: size - 1 }, 0);
  }
}

/** @param {number} width @param {Random} random */
function panels(width, random) {
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

/** @param {Image} image @param {Box} place @param {Random} random */
function panel(image, { x, y, w, h }, random) {
  box(image, { x, y, w, h }, 0);
  const inside = { x: x + 4, y: y + 4, w: w - 8, h: h - 8 };
  box(image, inside, 255);
  if (random() < 0.5) screentone(image, inside, 6 + Math.floor(random() * 4));
  else speedLines(image, inside, random);
  figure(image, inside, random);
  balloon(image, inside, random);
}

/** @param {number} chapter @param {Random} random */
function cover(chapter, random) {
  const image = blank(SINGLE, 3);
  const sky = chapter === 1 ? [250, 190, 120] : [120, 170, 240];
  for (let y = 0; y < HEIGHT; y += 1) {
    const fade = sky.map((value) => Math.round(value * (1 - y / (1.6 * HEIGHT))));
    for (let x = 0; x < SINGLE; x += 1) image.pixels.set(fade, (y * SINGLE + x) * 3);
  }
  ellipse(image, { x: 460, y: 420, rx: 150, ry: 150 }, 245);
  for (let peak = 0; peak < 5; peak += 1) {
    const foot = { x: peak * 170 - 20, height: 150 + 200 * random() };
    for (let x = -160; x < 160; x += 1) {
      line(
        image,
        { x: foot.x + x, y: HEIGHT },
        { x: foot.x + x, y: HEIGHT - foot.height * (1 - Math.abs(x) / 160) },
        30,
      );
    }
  }
  for (let letter = 0; letter < 3; letter += 1) glyph(image, { x: 60, y: 200 + letter * 130 }, 110, random);
  for (let letter = 0; letter < 5; letter += 1) glyph(image, { x: 190, y: 210 + letter * 56 }, 44, random);
  return image;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const folder = process.argv[2];
  if (folder === undefined) {
    console.error('usage: node scripts/sample-pages.js FOLDER');
    process.exit(2);
  }
  console.error(`${makeSamplePages(folder).length} pages in ${folder}`);
}
