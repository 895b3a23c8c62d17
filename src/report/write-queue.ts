/** Writes text in order, one write at a time; what comes meanwhile goes with the next one. Never throws. */
export class WriteQueue {
  #waiting: string[] = [];
  #backlogBytes = 0;
  #work: Promise<void> | undefined;
  #broken = false;

  constructor(
    private readonly write: (chunk: Buffer) => Promise<void>,
    /** Called once, with the first error; nothing is written after it. */
    private readonly onError: (error: Error) => void,
  ) {}

  /** Bytes that are not on the disk yet. */
  get backlogBytes(): number {
    return this.#backlogBytes;
  }

  push(text: string): void {
    if (this.#broken) return;
    this.#backlogBytes += Buffer.byteLength(text);
    this.#waiting.push(text);
    this.#work ??= this.#writeAll();
  }

  /** Settles once all that was pushed is written, or could not be. */
  async drained(): Promise<void> {
    await this.#work;
  }

  async #writeAll(): Promise<void> {
    try {
      while (this.#waiting.length > 0) {
        const chunk = Buffer.from(this.#waiting.join(''));
        this.#waiting = [];
        await this.write(chunk);
        this.#backlogBytes -= chunk.length;
      }
    } catch (error) {
      this.#broken = true;
      this.#waiting = [];
      this.#backlogBytes = 0;
      this.onError(error instanceof Error ? error : new Error(String(error)));
    }
    this.#work = undefined;
  }
}
