import stringWidth from 'fast-string-width';

/** Most texts, and the dashes and blocks that bars and tables are drawn with, of one column a letter: what knows the others is slow. */
const PRINTABLE_LATIN = /^[\x20-\x7e\xa1-\xac\xae-\xff\u2013\u2026\u2580-\u259f]*$/;
/** Seen by nobody. Not the joiner of emoji and those that choose how one looks. */
const INVISIBLE = /[\u00ad\u200b\u200c\u2060-\u2064\ufeff]/g;

/** Columns that a text takes on a terminal: 漫 and 😀 take two, colours none, a syllable of parts (macOS names) as much as a whole one. */
export const textWidth = (text: string): number =>
  PRINTABLE_LATIN.test(text) ? text.length : stringWidth(text.normalize('NFC').replace(INVISIBLE, ''));

/** A letter with all its marks, or a family of emoji, is no longer than so many units. */
const UNITS_A_COLUMN = 24;

const fits = (text: string, width: number): boolean =>
  text.length <= UNITS_A_COLUMN * width && textWidth(text) <= width;

/** The text in at most `width` columns; what is cut shows as `…`. For text without colours. */
export function fitText(text: string, width: number): string {
  if (fits(text, width)) return text;
  if (width < 1) return '';
  let [kept, used] = ['', 1];
  for (const { segment } of new Intl.Segmenter().segment(text.slice(0, UNITS_A_COLUMN * width))) {
    used += textWidth(segment);
    if (used > width) break;
    kept += segment;
  }
  return `${kept}…`;
}

/** The text in at most `width` columns without its beginning: the end of a path says most. */
export function fitEnd(text: string, width: number): string {
  if (fits(text, width)) return text;
  if (width < 1) return '';
  const end = text.slice(-UNITS_A_COLUMN * width);
  const segments = Array.from(new Intl.Segmenter().segment(end), ({ segment }) => segment);
  let [kept, used] = ['', 1];
  for (const segment of segments.reverse()) {
    used += textWidth(segment);
    if (used > width) break;
    kept = segment + kept;
  }
  return `…${kept}`;
}

/** The text in at most `width` columns without its middle: names of one kind differ at either end. */
export function fitMiddle(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  if (width < 3) return fitText(text, width);
  const end = fitEnd(text, Math.ceil(width / 2)).slice(1);
  return `${fitText(text, width - textWidth(end))}${end}`;
}

/**
 * The text as lines of at most `columns`, parted at its spaces; the second and later ones are indented. A word that is longer
 * stays whole. As it is where `columns` is missing.
 */
export function wrapWords(text: string, columns: number | undefined, indent: number): string {
  if (columns === undefined || textWidth(text) <= columns) return text;
  const lines: string[] = [];
  let line = /^ */.exec(text)?.[0] ?? '';
  let isEmpty = true;
  for (const word of text.trimStart().split(' ')) {
    const longer = isEmpty ? line + word : `${line} ${word}`;
    if (isEmpty || textWidth(longer) <= columns) line = longer;
    else {
      lines.push(line.trimEnd());
      line = ' '.repeat(indent) + word;
    }
    isEmpty = line.trim() === '';
  }
  return [...lines, line].join('\n');
}

/** The text with spaces before or after it, `width` columns in all. */
export function padText(text: string, width: number, side: 'left' | 'right'): string {
  const spaces = ' '.repeat(Math.max(0, width - textWidth(text)));
  return side === 'left' ? text + spaces : spaces + text;
}
