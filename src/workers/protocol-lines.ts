/** A worker's line is short; what is longer was not meant for the launcher. */
const LONGEST_PROTOCOL_BYTES = 1024 * 1024;

const NEWLINE = 0x0a;

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
  #parts: Buffer[] = [];
  #kept = 0;
  #missing = 0;

  constructor(listener: ProtocolListener, longest = LONGEST_PROTOCOL_BYTES) {
    this.#listener = listener;
    this.#longest = longest;
  }

  push(chunk: Buffer): void {
    let start = 0;
    for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, start)) {
      const rest = chunk.subarray(start, at);
      if (this.#kept === 0 && rest.length <= this.#longest) this.#listener.line(rest);
      else {
        this.#keep(rest);
        this.end();
      }
      start = at + 1;
    }
    // Copied: a slice would keep the whole chunk of the pipe alive.
    if (start < chunk.length) this.#keep(Buffer.from(chunk.subarray(start)));
  }

  /** The stream is over: what stands without a newline is a line too. */
  end(): void {
    if (this.#kept === 0) return;
    const line = Buffer.concat(this.#parts);
    const missing = this.#missing;
    this.#parts = [];
    this.#kept = 0;
    this.#missing = 0;
    if (missing > 0) this.#listener.tooLong(line, missing);
    else this.#listener.line(line);
  }

  #keep(bytes: Buffer): void {
    const part = bytes.subarray(0, this.#longest - this.#kept);
    this.#missing += bytes.length - part.length;
    if (part.length === 0) return;
    this.#parts.push(part);
    this.#kept += part.length;
  }
}
