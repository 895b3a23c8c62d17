import { cutAtNewlines, HeldLine } from './held-line.ts';

/** A worker's line is short; what is longer was not meant for the launcher. */
const LONGEST_PROTOCOL_BYTES = 1024 * 1024;

/** What becomes of the lines of a worker's stdout. */
interface ProtocolListener {
  line(bytes: Buffer): void;
  /** The head of a line past the limit, and how many bytes followed it. */
  tooLong(head: Buffer, missing: number): void;
}

/** Cuts a worker's stdout into lines as they are: no carriage return or colour is touched. Holds one line at most. */
export class ProtocolLines {
  readonly #listener: ProtocolListener;
  readonly #longest: number;
  readonly #held: HeldLine;

  constructor(listener: ProtocolListener, longest = LONGEST_PROTOCOL_BYTES) {
    this.#listener = listener;
    this.#longest = longest;
    this.#held = new HeldLine(longest);
  }

  push(chunk: Buffer): void {
    cutAtNewlines(chunk, (bytes, isLineEnd) => {
      if (isLineEnd && this.#held.isEmpty && bytes.length <= this.#longest) this.#listener.line(bytes);
      else {
        this.#held.add(bytes);
        if (isLineEnd) this.end();
      }
    });
  }

  /** The stream is over: what stands without a newline is a line too. */
  end(): void {
    if (this.#held.isEmpty) return;
    const { bytes, size } = this.#held.take();
    if (size > bytes.length) this.#listener.tooLong(bytes, size - bytes.length);
    else this.#listener.line(bytes);
  }
}
