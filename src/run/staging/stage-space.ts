/** Before a page was seen it may be so large. */
const FIRST_GUESS_BYTES = 8 * 1000 * 1000;

/** Who holds how much of the room for copies: what is under way is counted before it is written. */
export class StageSpace {
  readonly roomBytes: number;
  #held = 0;
  #largest = 0;

  constructor(roomBytes: number) {
    this.roomBytes = roomBytes;
  }

  /** Sets room aside for a page of `bytes`, or of the size that pages have here; undefined where there is none now. */
  reserve(bytes: number | undefined): number | undefined {
    const wanted = bytes ?? this.#guess;
    if (this.#held + wanted > this.roomBytes) return undefined;
    this.#held += wanted;
    return wanted;
  }

  /** A page that room was set aside for takes so much of it. */
  settle(reserved: number, bytes: number): void {
    this.#held += bytes - reserved;
    this.#largest = Math.max(this.#largest, bytes);
  }

  release(bytes: number): void {
    this.#held -= bytes;
  }

  /** False for a page that is larger than all the room. */
  couldHold(bytes: number): boolean {
    return bytes <= this.roomBytes;
  }

  get #guess(): number {
    return Math.min(this.#largest > 0 ? this.#largest : FIRST_GUESS_BYTES, this.roomBytes);
  }
}
