import type { Writable } from 'node:stream';

/** A stream that people or programs read: `process.stdout`, `process.stderr`, or a test's. */
export type OutputStream = Writable & {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
};

/** Columns that a line may take on the stream's terminal; undefined where it is none, and lines may be as long as they are. */
export const columnsOf = ({ isTTY, columns }: OutputStream): number | undefined =>
  // Some wrap a line that is full. One that does not know its size has 80.
  isTTY === true ? (columns || 80) - 1 : undefined;

const ROOM_BYTES = 8 * 1024 * 1024;

/** Whole lines to a stream whose reader may be slow or gone. Never throws; after the reader left it is silent. */
export class LineOutput {
  readonly #stream: OutputStream;
  readonly #roomBytes: number;
  #gone = false;
  #dropped = 0;

  constructor(stream: OutputStream, roomBytes = ROOM_BYTES) {
    this.#stream = stream;
    this.#roomBytes = roomBytes;
    // Without a listener, EPIPE (`| head`) or EIO (the terminal is gone) would end the launcher in mid-run.
    stream.on('error', () => {
      this.#gone = true;
    });
  }

  /** Writes one line, however many wait before it. */
  line(text: string): void {
    this.raw(`${text}\n`);
  }

  /** Writes one line, or counts it as dropped while too many bytes wait for a slow reader. */
  lineIfRoom(text: string): void {
    if (this.backlogBytes > this.#roomBytes) this.#dropped += 1;
    else this.line(text);
  }

  /** Writes text as it is: control sequences, or lines with their ends. */
  raw(text: string): void {
    if (!this.silent) this.#stream.write(text);
  }

  /** How many lines were dropped since this was asked last. */
  takeDropped(): number {
    const dropped = this.#dropped;
    this.#dropped = 0;
    return dropped;
  }

  /** Settles once all is written, or the reader is gone. */
  written(): Promise<void> {
    if (this.silent) return Promise.resolve();
    return new Promise((resolve) => {
      this.#stream.write('', () => resolve());
    });
  }

  /** Bytes that wait for the reader. */
  get backlogBytes(): number {
    return this.#stream.writableLength;
  }

  /** True once nobody reads any more. */
  get silent(): boolean {
    return this.#gone || this.#stream.destroyed || this.#stream.writableEnded;
  }
}
