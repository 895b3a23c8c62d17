import { setTimeout as delay } from 'node:timers/promises';

/** A wait that can be cut short. */
export class Nap {
  #wake = new AbortController();

  /** Waits so long, or until it is woken; at once where it was woken since the last wait. */
  async for(ms: number): Promise<void> {
    await delay(ms, undefined, { signal: this.#wake.signal }).catch(() => {});
    if (this.#wake.signal.aborted) this.#wake = new AbortController();
  }

  wake(): void {
    this.#wake.abort();
  }
}
