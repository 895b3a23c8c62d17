import { stripVTControlCharacters } from 'node:util';

/** What is kept of one line; a base64 dump or a binary on stdout is cut there, with a count of what is missing. */
export const LONGEST_LINE_BYTES = 64 * 1024;
/** A progress bar that only ever returns the carriage is told once in this time. */
const PROGRESS_EVERY_MS = 1000;

const NEWLINE = 0x0a;
const RETURN = 0x0d;

/**
 * Cuts a child's output into whole lines of text. Works on bytes, so that a character cut in two by a pipe stays whole;
 * what is no UTF-8 becomes U+FFFD, colours go, and of a bar redrawn with `\r` the last state counts.
 */
export class LineReader {
  readonly #tell: (line: string) => void;
  readonly #now: () => number;
  /** The unfinished line: its first bytes, and how many there were in all. */
  #parts: Buffer[] = [];
  #kept = 0;
  #seen = 0;
  #drawn: Buffer | undefined;
  #toldProgressAt = Number.NEGATIVE_INFINITY;

  constructor(tell: (line: string) => void, now: () => number = Date.now) {
    this.#tell = tell;
    this.#now = now;
  }

  push(chunk: Buffer): void {
    let start = 0;
    while (start < chunk.length) {
      const newline = chunk.indexOf(NEWLINE, start);
      const lineEnd = newline === -1 ? chunk.length : newline;
      this.#pushWithinLine(chunk.subarray(start, lineEnd));
      if (newline === -1) return;
      this.#endLine();
      start = newline + 1;
    }
  }

  /** The stream is over: what stands without a newline is a line too. */
  end(): void {
    if (this.#seen > 0 || this.#drawn) this.#endLine();
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
    this.#seen += bytes.length;
    const room = LONGEST_LINE_BYTES - this.#kept;
    if (room <= 0) return;
    // Copied: a slice would keep the whole 64 KiB chunk of the pipe alive.
    const part = Buffer.from(bytes.subarray(0, room));
    this.#parts.push(part);
    this.#kept += part.length;
  }

  /** What stands before a return is over only once something is written over it: `\r\n` is a line end. */
  #redraw(): void {
    if (this.#seen > 0) this.#drawn = this.#takeLine();
  }

  #overwriteDrawn(): void {
    const drawn = this.#drawn;
    if (!drawn) return;
    this.#drawn = undefined;
    const now = this.#now();
    if (now - this.#toldProgressAt < PROGRESS_EVERY_MS) return;
    this.#toldProgressAt = now;
    this.#tellBytes(drawn);
  }

  #endLine(): void {
    const line = this.#drawn ?? this.#takeLine();
    this.#drawn = undefined;
    this.#tellBytes(line);
  }

  #takeLine(): Buffer {
    const missing = this.#seen - this.#kept;
    if (missing > 0) this.#parts.push(Buffer.from(` … [${missing} bytes cut]`));
    const line = this.#parts.length === 1 && this.#parts[0] ? this.#parts[0] : Buffer.concat(this.#parts);
    this.#parts = [];
    this.#kept = 0;
    this.#seen = 0;
    return line;
  }

  #tellBytes(line: Buffer): void {
    const text = line.toString('utf8');
    this.#tell(text.includes('\u001b') || text.includes('\u009b') ? stripVTControlCharacters(text) : text);
  }
}
