import { AwakeTime } from './awake-time.ts';
import type { TookTooLong } from './supervisor-state.ts';

/** What a worker is expected to do: to give a first sign, to get on with a page, or nothing that has a limit. */
export type Expected = 'start' | 'page' | 'nothing';

/** Limits in milliseconds; 0: no limit. */
export interface TimeLimits {
  readonly startTimeoutMs: number;
  readonly pageTimeoutMs: number;
  /** The longest that its start and its pages can take together, by what is known of others; asked while a start is expected. */
  readonly mostMs?: () => number | undefined;
}

/** Counts the time that a worker takes for what is expected of it, while the machine is awake. */
export class Timeouts {
  readonly #limits: TimeLimits;
  readonly #awake: AwakeTime;
  #expected: Expected = 'nothing';

  constructor(limits: TimeLimits, now: number) {
    this.#limits = limits;
    this.#awake = new AwakeTime(now);
  }

  /** Counts from here on towards another limit, or towards the same limit again. */
  expect(what: Expected, now: number): void {
    this.#expected = what;
    // What no tick has counted yet belongs to the time before.
    this.#awake.tick(now);
    this.#awake.restart();
  }

  /** Called often: the limit that has passed, if one has. `longestTickMs` is what one call may add. */
  passed(now: number, longestTickMs?: number): TookTooLong['by'] | undefined {
    this.#awake.tick(now, longestTickMs);
    const { startTimeoutMs, pageTimeoutMs } = this.#limits;
    switch (this.#expected) {
      case 'start':
        if (this.#isOver(startTimeoutMs)) return 'start-timeout';
        // It has started as others did, then: a page keeps it.
        return this.#isOver(this.#limits.mostMs?.() ?? 0) ? 'page-timeout' : undefined;
      case 'page':
        return this.#isOver(pageTimeoutMs) ? 'page-timeout' : undefined;
      case 'nothing':
        return undefined;
    }
  }

  /** How often to ask, so that a limit is noticed on time; undefined where there is no limit. */
  get everyMs(): number | undefined {
    const { startTimeoutMs, pageTimeoutMs } = this.#limits;
    const limits = [startTimeoutMs, pageTimeoutMs].filter((limitMs) => limitMs > 0);
    return limits.length === 0 ? undefined : Math.min(1000, Math.max(10, Math.min(...limits) / 10));
  }

  #isOver(limitMs: number): boolean {
    return limitMs > 0 && this.#awake.elapsedMs > limitMs;
  }
}
