import type { Clock } from './clock.ts';

/** Slots that wait until something has changed. */
export class WaitingSlots {
  readonly #clock: Clock;
  #waiting: (() => void)[] = [];
  #timer: { readonly atMs: number; readonly cancel: () => void } | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Settles when something has changed, or at that time or that of another who waits, unless it was over when the slot looked. */
  async wait(untilMs: number | undefined, lookedMs: number): Promise<void> {
    // It may be over since the slot looked: timers come early by a part of a millisecond.
    if (
      untilMs !== undefined &&
      lookedMs < untilMs &&
      untilMs < (this.#timer?.atMs ?? Number.POSITIVE_INFINITY)
    ) {
      this.#timer?.cancel();
      const ms = Math.max(0, untilMs - this.#clock.nowMs());
      this.#timer = { atMs: untilMs, cancel: this.#clock.after(ms, () => this.wakeAll()) };
    }
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  wakeAll(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }
}
