import { setTimeout as delay } from 'node:timers/promises';
import type { Emit } from '../model/events.ts';

/** Longer than it takes to start a worker; what keeps it waiting then keeps the walk waiting no longer. */
const FIRST_WORKER_MS = 200;

/** Knows when the first worker has been started, from what the slots tell. */
export class FirstBegun {
  readonly emit: Emit;
  #begun: (() => void) | undefined;
  readonly #first = new Promise<void>((resolve) => {
    this.#begun = resolve;
  });

  constructor(emit: Emit) {
    this.emit = (happening) => {
      if (this.#begun && happening.type === 'worker-started') {
        this.#begun();
        this.#begun = undefined;
      }
      emit(happening);
    };
  }

  /** Settles once it has begun, or has had the time. Only the first call waits. */
  async soon(): Promise<void> {
    if (!this.#begun) return;
    const late = new AbortController();
    await Promise.race([
      this.#first,
      delay(FIRST_WORKER_MS, undefined, { signal: late.signal }).catch(() => {}),
    ]);
    late.abort();
    this.#begun = undefined;
  }
}
