import { setMaxListeners } from 'node:events';

/** Why a run is stopped before its last page. */
export type StopReason = 'SIGINT' | 'SIGTERM' | 'SIGHUP' | 'max-time' | 'cannot-go-on';

/**
 * The wish to stop, in two steps: drain (no new pages, those in flight finish), then kill. Asked for by signals, by
 * `--max-time`, by a full disk; obeyed by the workers.
 */
export class Stop {
  readonly #drain = new AbortController();
  readonly #kill = new AbortController();
  readonly #reasons = new Set<StopReason>();

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
