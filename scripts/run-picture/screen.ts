/** A colour or weight of text, as a terminal has it. */
export type Style = 'plain' | 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

/** Neighbours of one style. */
export interface Span {
  readonly text: string;
  readonly style: Style;
}

interface Cell {
  readonly character: string;
  readonly style: Style;
}

const STYLES: Readonly<Record<string, Style>> = {
  '1': 'bold',
  '2': 'dim',
  '31': 'red',
  '32': 'green',
  '33': 'yellow',
  '36': 'cyan',
};
const BLANK: Cell = { character: ' ', style: 'plain' };
// biome-ignore lint/suspicious/noControlCharactersInRegex: terminals are told by them
const TOKEN = /\x1b\[([?\d;]*)([A-Za-z])|\r|\n|[^\x1b\r\n]/gu;

/** What a terminal shows of what was written to it, from its first row on. It knows the sequences of the bar, and no others. */
export class Screen {
  readonly #columns: number;
  readonly #rows: Cell[][] = [[]];
  #row = 0;
  #column = 0;
  #style: Style = 'plain';

  constructor(columns: number) {
    this.#columns = columns;
  }

  /** Takes whole sequences. Throws where one is unknown: the picture would be wrong. */
  write(text: string): void {
    for (const [token, values = '', command] of text.matchAll(TOKEN)) {
      if (command !== undefined) this.#obey(values, command);
      else if (token === '\r') this.#column = 0;
      else if (token === '\n') this.#goTo(this.#row + 1);
      else this.#put(token);
    }
  }

  /** The rows, without blanks at their ends. */
  get rows(): readonly (readonly Span[])[] {
    return this.#rows.map(spansOf);
  }

  #obey(values: string, command: string): void {
    const count = Number(values || 1);
    switch (command) {
      case 'm':
        this.#style = STYLES[values] ?? 'plain';
        return;
      case 'A':
        this.#goTo(Math.max(0, this.#row - count));
        return;
      case 'B':
        this.#goTo(this.#row + count);
        return;
      case 'G':
        this.#column = count - 1;
        return;
      case 'K':
        this.#rows[this.#row] = values === '2' ? [] : this.#cells().slice(0, this.#column);
        return;
      case 'J':
        this.#rows.length = this.#row + 1;
        this.#rows[this.#row] = this.#cells().slice(0, this.#column);
        return;
      case 'h':
      case 'l':
        return;
      default:
        throw new Error(`the terminal got an unknown sequence: ESC [${values}${command}`);
    }
  }

  #put(character: string): void {
    if (this.#column === this.#columns) {
      this.#column = 0;
      this.#goTo(this.#row + 1);
    }
    const cells = this.#cells();
    while (cells.length < this.#column) cells.push(BLANK);
    cells[this.#column] = { character, style: this.#style };
    this.#column += 1;
  }

  #goTo(row: number): void {
    this.#row = row;
    while (this.#rows.length <= row) this.#rows.push([]);
  }

  #cells(): Cell[] {
    return this.#rows[this.#row] ?? [];
  }
}

function spansOf(cells: readonly Cell[]): Span[] {
  const end = cells.findLastIndex(({ character }) => character !== ' ') + 1;
  const spans: { text: string; style: Style }[] = [];
  for (const { character, style } of cells.slice(0, end)) {
    const last = spans.at(-1);
    if (last?.style === style) last.text += character;
    else spans.push({ text: character, style });
  }
  return spans;
}

/** A row as plain text. */
export const textOf = (row: readonly Span[]): string => row.map(({ text }) => text).join('');
