/**
 * Time that passed while the machine was awake and the launcher came to its turn. A suspended laptop or a frozen
 * container makes clocks jump; a worker can't be blamed for that, so a jump counts as one tick.
 */
export class AwakeTime {
  #last: number;
  #elapsedMs = 0;

  constructor(now: number) {
    this.#last = now;
  }

  /** Called often; `longestTickMs` is what one call may add. */
  tick(now: number, longestTickMs = 2000): void {
    this.#elapsedMs += Math.min(Math.max(0, now - this.#last), longestTickMs);
    this.#last = now;
  }

  /** Starts the count again. */
  restart(): void {
    this.#elapsedMs = 0;
  }

  get elapsedMs(): number {
    return this.#elapsedMs;
  }
}
