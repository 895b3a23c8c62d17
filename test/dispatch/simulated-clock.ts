import type { Clock } from '../../src/dispatch/clock.ts';

interface Event {
  readonly atMs: number;
  readonly act: () => void;
}

/** No simulated run takes so long. */
const LONGEST_SECONDS = 1_000_000;

/** The only time of a simulated world: it passes when everybody waits for it, and then at once. */
export class SimulatedClock implements Clock {
  #nowMs = 0;
  /** The next one last. */
  #events: Event[] = [];

  readonly nowMs = (): number => this.#nowMs;

  readonly after = (ms: number, act: () => void): (() => void) => {
    const event = { atMs: this.#nowMs + ms, act };
    const before = this.#events.findLastIndex(({ atMs }) => atMs > event.atMs);
    this.#events.splice(before + 1, 0, event);
    return () => {
      this.#events = this.#events.filter((other) => other !== event);
    };
  };

  get seconds(): number {
    return this.#nowMs / 1000;
  }

  sleep(seconds: number): Promise<void> {
    return new Promise((resolve) => {
      this.after(seconds * 1000, resolve);
    });
  }

  /**
   * Lets time pass until something has settled.
   * @throws Error where everybody waits and nothing is to come: a deadlock
   */
  async until(end: Promise<unknown>): Promise<void> {
    let isOver = false;
    const over = end.finally(() => {
      isOver = true;
    });
    over.catch(() => {});
    for (;;) {
      // All that can go on without time goes on.
      await new Promise((resolve) => setImmediate(resolve));
      if (isOver) break;
      const next = this.#events.pop();
      if (this.seconds > LONGEST_SECONDS) throw new Error('it goes on for ever');
      if (!next) throw new Error(`everybody waits for ever since second ${this.seconds}`);
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.act();
    }
    await end;
  }
}
