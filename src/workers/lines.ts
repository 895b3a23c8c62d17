import { stripVTControlCharacters } from 'node:util';
import { cutAtNewlines, HeldLine } from './held-line.ts';

/** What is kept of one line; a base64 dump or a binary on stdout is cut there, with a count of what is missing. */
export const LONGEST_LINE_BYTES = 64 * 1024;
/** Held beyond that where a line is cut: a secret across the cut has to be seen whole to be known. */
const BEYOND_CUT_BYTES = 4096;
/** A progress bar that only ever returns the carriage is told once in this time. */
const PROGRESS_EVERY_MS = 1000;

const RETURN = 0x0d;

/** Takes secrets out of a text. */
export type Redact = (text: string) => string;

/** How lines are told. */
export interface LineSetting {
  readonly now?: () => number;
  /** Missing: nothing is a secret. */
  readonly redact?: Redact;
}

/**
 * Cuts a child's output into whole lines of text. Works on bytes, so that a character cut in two by a pipe stays whole;
 * what is no UTF-8 becomes U+FFFD, colours go, and of a bar redrawn with `\r` the last state counts. Secrets are taken out
 * before a long line is cut; `raw` is the line with them, to look for names in.
 */
export class LineReader {
  readonly #tell: (line: string, raw: string) => void;
  readonly #now: () => number;
  readonly #redact: Redact;
  readonly #held = new HeldLine(LONGEST_LINE_BYTES + BEYOND_CUT_BYTES);
  #drawn: Line | undefined;
  #toldProgressAt = Number.NEGATIVE_INFINITY;

  constructor(
    tell: (line: string, raw: string) => void,
    { now = () => performance.now(), redact = (text) => text }: LineSetting = {},
  ) {
    this.#tell = tell;
    this.#now = now;
    this.#redact = redact;
  }

  push(chunk: Buffer): void {
    cutAtNewlines(chunk, (bytes, isLineEnd) => {
      this.#pushWithinLine(bytes);
      if (isLineEnd) this.#endLine();
    });
  }

  /** The stream is over: what stands without a newline is a line too. */
  end(): void {
    if (!this.#held.isEmpty || this.#drawn) this.#endLine();
  }

  #pushWithinLine(bytes: Buffer): void {
    let start = 0;
    for (;;) {
      const at = bytes.indexOf(RETURN, start);
      this.#keep(bytes.subarray(start, at === -1 ? bytes.length : at));
      if (at === -1) return;
      this.#redraw();
      start = at + 1;
    }
  }

  #keep(bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.#overwriteDrawn();
    this.#held.add(bytes);
  }

  /** What stands before a return is over only once something is written over it: `\r\n` is a line end. */
  #redraw(): void {
    if (!this.#held.isEmpty) this.#drawn = this.#takeLine();
  }

  #overwriteDrawn(): void {
    const drawn = this.#drawn;
    if (!drawn) return;
    this.#drawn = undefined;
    const now = this.#now();
    if (now - this.#toldProgressAt < PROGRESS_EVERY_MS) return;
    this.#toldProgressAt = now;
    this.#tellLine(drawn);
  }

  #endLine(): void {
    const line = this.#drawn ?? this.#takeLine();
    this.#drawn = undefined;
    this.#tellLine(line);
  }

  #takeLine(): Line {
    const { bytes, size } = this.#held.take();
    return { bytes, missing: size - LONGEST_LINE_BYTES };
  }

  #tellLine({ bytes, missing }: Line): void {
    const text = bytes.toString('utf8');
    const raw = text.includes('\u001b') || text.includes('\u009b') ? stripVTControlCharacters(text) : text;
    const line = this.#redact(raw);
    if (missing <= 0) this.#tell(line, raw);
    else this.#tell(`${withoutEnd(line, bytes.length - LONGEST_LINE_BYTES)} … [${missing} bytes cut]`, raw);
  }
}

/** A line, or the head of a long one, and how many bytes it has beyond what is told. */
interface Line {
  readonly bytes: Buffer;
  readonly missing: number;
}

/** What is left may have become shorter without its secrets: its end is cut all the same, as half a secret may stand there. */
const withoutEnd = (line: string, bytes: number): string =>
  Buffer.from(line)
    .subarray(0, -bytes)
    .toString('utf8')
    // A character that was cut in two: at most three bytes of it are left.
    .replace(/\ufffd{1,3}$/, '');
