/** Why a run is stopped before its last page. */
export type StopReason = 'SIGINT' | 'SIGTERM' | 'SIGHUP' | 'max-time' | 'cannot-go-on';

/**
 * The wish to stop, in two steps: drain (no new pages, those in flight finish), then kill. Asked for by signals, by
 * `--max-time`, by a full disk; obeyed by the workers.
 */
export class Stop {
  readonly #drain = new AbortController();
  readonly #kill = new AbortController();
  #reason: StopReason | undefined;

  /** Aborted when no new page may begin. */
  readonly drain: AbortSignal = this.#drain.signal;
  /** Aborted when workers are to be killed. */
  readonly kill: AbortSignal = this.#kill.signal;

  /** The first reason given. */
  get reason(): StopReason | undefined {
    return this.#reason;
  }

  /** Asks once for draining. */
  ask(reason: StopReason): void {
    this.#reason ??= reason;
    this.#drain.abort();
  }

  /** Asks to end at once. */
  insist(reason: StopReason): void {
    this.ask(reason);
    this.#kill.abort();
  }
}
