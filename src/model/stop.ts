import { setMaxListeners } from 'node:events';
import { StoppedEarly } from './unless-stopped.ts';

/** Signals that stop a run: those of people and systems, then those by which batch systems say that time is nearly up. */
export const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2', 'SIGXCPU'] as const;
export type StopSignal = (typeof STOP_SIGNALS)[number];

/** Why a run is stopped before its last page. */
export type StopReason = StopSignal | 'max-time' | 'max-cost' | 'cannot-go-on';

/**
 * The wish to stop, in two steps: drain (no new pages, those in flight finish), then kill. Asked for by signals, by
 * `--max-time`, by a full disk; obeyed by the workers. A run that has not begun ends at the first one.
 */
export class Stop {
  readonly #drain = new AbortController();
  readonly #kill = new AbortController();
  readonly #reasons = new Set<StopReason>();
  #hasBegun = false;

  /** Aborted when no new page may begin. */
  readonly drain: AbortSignal = this.#drain.signal;
  /** Aborted when workers are to be killed. */
  readonly kill: AbortSignal = this.#kill.signal;

  constructor() {
    // One listener a slot, and there may be many slots.
    setMaxListeners(0, this.drain, this.kill);
  }

  /** Everything that asked the run to stop, in the order in which it did. */
  get reasons(): ReadonlySet<StopReason> {
    return this.#reasons;
  }

  /** True once the run holds its lock: what it does from then on is finished in order. */
  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  /**
   * The run begins.
   * @throws StoppedEarly where it was asked to stop before
   */
  begin(): void {
    if (this.drain.aborted) throw new StoppedEarly();
    this.#hasBegun = true;
  }

  /** Asks for draining. */
  ask(reason: StopReason): void {
    this.#reasons.add(reason);
    this.#drain.abort(reason);
  }

  /** Asks to end at once. */
  insist(reason: StopReason): void {
    this.ask(reason);
    this.#kill.abort(reason);
  }
}
