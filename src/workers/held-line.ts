const NEWLINE = 0x0a;

/** Cuts a chunk of a stream at its newlines. The last piece, where there is one, has no newline yet. */
export function cutAtNewlines(chunk: Buffer, piece: (bytes: Buffer, isLineEnd: boolean) => void): void {
  let start = 0;
  for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, start)) {
    piece(chunk.subarray(start, at), true);
    start = at + 1;
  }
  if (start < chunk.length) piece(chunk.subarray(start), false);
}

/** The line of a stream that has not ended yet. Holds a number of bytes at most, and counts the others. */
export class HeldLine {
  readonly #mostBytes: number;
  #parts: Buffer[] = [];
  #held = 0;
  #size = 0;

  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  get isEmpty(): boolean {
    return this.#size === 0;
  }

  add(bytes: Buffer): void {
    this.#size += bytes.length;
    const room = this.#mostBytes - this.#held;
    if (bytes.length === 0 || room <= 0) return;
    // Copied: a slice would keep the whole 64 KiB chunk of the pipe alive.
    const part = Buffer.from(bytes.subarray(0, room));
    this.#parts.push(part);
    this.#held += part.length;
  }

  /** The line's first bytes, and how many it had in all. The next line begins empty. */
  take(): { readonly bytes: Buffer; readonly size: number } {
    const bytes = this.#parts.length === 1 && this.#parts[0] ? this.#parts[0] : Buffer.concat(this.#parts);
    const size = this.#size;
    this.#parts = [];
    this.#held = 0;
    this.#size = 0;
    return { bytes, size };
  }
}
