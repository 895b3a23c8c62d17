/** How long a small write is followed by none: under load writes would cost as much as the pages they tell of. */
const GATHER_MS = 10;
/** What is worth a write of its own, without a wait. */
const ENOUGH_BYTES = 64 * 1024;

/**
 * Writes text in order, one write at a time: the first immediately, what comes in the 10 ms after it with the next one. Never
 * throws. Fit to be the destination of a logger.
 */
export class WriteQueue {
  readonly #append: (chunk: Buffer) => Promise<void>;
  readonly #onError: (error: Error) => void;
  #waiting: string[] = [];
  #backlogBytes = 0;
  #work: Promise<void> | undefined;
  #isHurried = false;
  #endWait: (() => void) | undefined;
  #broken = false;

  constructor(
    append: (chunk: Buffer) => Promise<void>,
    /** Called once, with the first error; nothing is written after it. */
    onError: (error: Error) => void,
  ) {
    this.#append = append;
    this.#onError = onError;
  }

  /** Bytes that are not on the disk yet. */
  get backlogBytes(): number {
    return this.#backlogBytes;
  }

  write(text: string): void {
    if (this.#broken) return;
    this.#backlogBytes += Buffer.byteLength(text);
    this.#waiting.push(text);
    this.#work ??= this.#writeAll();
  }

  /** Settles once all that came is written, or could not be. */
  async drained(): Promise<void> {
    this.#isHurried = true;
    this.#endWait?.();
    await this.#work;
    this.#isHurried = false;
  }

  async #writeAll(): Promise<void> {
    try {
      while (this.#waiting.length > 0) {
        const chunk = Buffer.from(this.#waiting.join(''));
        this.#waiting = [];
        await this.#append(chunk);
        this.#backlogBytes -= chunk.length;
        if (chunk.length < ENOUGH_BYTES && !this.#isHurried) await this.#gather();
      }
    } catch (error) {
      this.#broken = true;
      this.#waiting = [];
      this.#backlogBytes = 0;
      this.#onError(error instanceof Error ? error : new Error(String(error)));
    }
    this.#work = undefined;
  }

  async #gather(): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, GATHER_MS);
      this.#endWait = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#endWait = undefined;
  }
}
