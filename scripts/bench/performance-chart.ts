import type { PeersResult } from './peers.ts';
import { ratio } from './table.ts';

const WIDTH = 900;
const LEFT = 215;
const BAR = 15;
const GAP = 4;
const HEAD = 30;
const OURS = '#0b6e4f';
const THEIRS = '#9aa5b1';
const INK = '#1f2933';

/** Bars by mix and launcher, the longer the better, as an SVG of its own: best possible / time. */
export function drawEfficiency({ mixes, rows }: PeersResult): string {
  const shown = mixes.filter(({ name }) => name !== 'tiny');
  const block = HEAD + rows.length * (BAR + GAP) + 14;
  const height = 34 + shown.length * block;
  const scale = WIDTH - LEFT - 90;
  const limit = LEFT + scale;
  const parts = shown.flatMap(({ name, about }, at) => {
    const top = 34 + at * block;
    const bars = rows.flatMap(({ launcher, ours, cells }, row) => {
      const cell = cells[name];
      if (cell === undefined) return [];
      const y = top + HEAD + row * (BAR + GAP);
      const whole = cell.lost === 0 && cell.ended === 'itself';
      const length = whole ? Math.round(cell.efficiency * scale) : 0;
      return [
        text({ x: LEFT - 8, y: y + 12, anchor: 'end', bold: ours }, launcher),
        `<rect x="${LEFT}" y="${y}" width="${length}" height="${BAR}" rx="2" fill="${ours ? OURS : THEIRS}"/>`,
        text({ x: limit + 8, y: y + 12, bold: ours }, whole ? ratio(cell.efficiency) : 'pages lost'),
      ];
    });
    return [text({ x: 12, y: top + 18, bold: true }, `${name}: ${about}`), ...bars];
  });
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" ` +
      'font-family="system-ui, sans-serif" font-size="12" role="img">',
    `<title>Best possible time / time, by launcher and mix of pages</title>`,
    `<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
    text({ x: 12, y: 20, bold: true }, 'Best possible time / time (1: nobody can be faster)'),
    `<line x1="${limit}" y1="34" x2="${limit}" y2="${height - 8}" stroke="${INK}" stroke-dasharray="3 3"/>`,
    ...parts,
    '</svg>',
  ].join('\n')}\n`;
}

interface TextPlace {
  readonly x: number;
  readonly y: number;
  readonly anchor?: 'end';
  readonly bold?: boolean;
}

function text({ x, y, anchor, bold }: TextPlace, words: string): string {
  const style = `${anchor ? ` text-anchor="${anchor}"` : ''}${bold ? ' font-weight="600"' : ''}`;
  return `<text x="${x}" y="${y}" fill="${INK}"${style}>${escapeXml(words)}</text>`;
}

const escapeXml = (words: string): string =>
  words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
