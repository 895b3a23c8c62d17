import { type Span, type Style, textOf } from './screen.ts';

const CELL = { width: 7.8, height: 19 };
const MARGIN = 18;
const TITLE_BAR = 30;

/** Light and dark: the reader's browser chooses. Contrasts are at least 4.5 : 1. */
const COLOURS: Readonly<Record<Style | 'ground' | 'frame', readonly [light: string, dark: string]>> = {
  ground: ['#ffffff', '#0d1117'],
  frame: ['#d0d7de', '#30363d'],
  plain: ['#1f2328', '#e6edf3'],
  bold: ['#1f2328', '#ffffff'],
  dim: ['#656d76', '#8d96a0'],
  red: ['#cf222e', '#ff7b72'],
  green: ['#1a7f37', '#56d364'],
  yellow: ['#9a6700', '#e3b341'],
  cyan: ['#0b7285', '#56d4dd'],
};

/** What is drawn: a window with a title, and what its terminal shows at some moments, one below the other. */
interface Picture {
  /** Read aloud in place of the picture. */
  readonly title: string;
  readonly columns: number;
  readonly moments: readonly (readonly (readonly Span[])[])[];
}

/** An SVG of a terminal. Every character stands in its cell, whatever font the reader has. */
export function terminalSvg({ title, columns, moments }: Picture): string {
  const width = Math.ceil(columns * CELL.width) + 2 * MARGIN;
  const body: string[] = [];
  let y = TITLE_BAR;
  for (const [at, rows] of moments.entries()) {
    if (at > 0) {
      body.push(`<line class="edge" x1="0" x2="${width}" y1="${y}" y2="${y}"/>`);
      y += MARGIN;
    }
    for (const row of rows) {
      y += CELL.height;
      if (textOf(row) !== '') body.push(rowSvg(row, y - 5));
    }
    y += MARGIN;
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${y}" viewBox="0 0 ${width} ${y}" role="img">
<title>${escaped(title)}</title>
<style>
text { font: 13px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; white-space: pre }
${sheet(0)}
@media (prefers-color-scheme: dark) {
${sheet(1)}
}
</style>
<rect class="ground edge" x="0.5" y="0.5" width="${width - 1}" height="${y - 1}" rx="8"/>
${[0, 1, 2].map((at) => `<circle class="button" cx="${20 + 18 * at}" cy="${TITLE_BAR / 2 + 2}" r="5"/>`).join('')}
${body.join('\n')}
</svg>
`;
}

function rowSvg(row: readonly Span[], y: number): string {
  let column = 0;
  const drawn = row.map(({ text, style }) => {
    const start = column + text.length - text.trimStart().length;
    const shown = text.trim();
    column += text.length;
    if (shown === '') return '';
    const x = (MARGIN + start * CELL.width).toFixed(1);
    const long = (shown.length * CELL.width).toFixed(1);
    return `<text class="${style}" x="${x}" y="${y}" textLength="${long}" lengthAdjust="spacingAndGlyphs">${escaped(shown)}</text>`;
  });
  return drawn.join('');
}

function sheet(scheme: 0 | 1): string {
  const { ground, frame, ...styles } = COLOURS;
  const texts = Object.entries(styles).map(([style, colours]) => `.${style} { fill: ${colours[scheme]} }`);
  return [
    `.ground { fill: ${ground[scheme]} } .edge { stroke: ${frame[scheme]} } .button { fill: ${frame[scheme]} }`,
    `${texts.join(' ')} .bold { font-weight: 600 }`,
  ].join('\n');
}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
