import type { WorkerChannel } from './hosts/host.ts';
import { liveOf, type StopReason, type SupervisorState, type TookTooLong } from './supervisor-state.ts';
import { type Expected, type TimeLimits, Timeouts } from './timeouts.ts';
import type { WorkerEnd } from './worker-end.ts';

const GRACE_MS = 5000;
/** For one that took too long: its slot has waited for it already. */
const GRACE_OF_SLOW_MS = 3000;
/** From SIGKILL on: a process that waits for a lost GPU can't be killed by anybody, and the run must go on. */
const STUCK_MS = 30_000;

/** What a supervisor is made with. */
export interface Supervision extends TimeLimits {
  readonly channel: Pick<WorkerChannel, 'started' | 'exited' | 'ended' | 'signal'>;
  /** Time between SIGTERM and SIGKILL. */
  readonly graceMs?: number;
}

/**
 * Owns a worker from its start to its end: drains, stops and kills it, and ends it where it takes too long. Once it has
 * exited nothing is signalled any more, as its number may be somebody else's. No timer outlives the worker.
 */
export class Supervisor<Own extends { readonly by: string }> {
  /** Settles when the worker is gone, or when it can't be killed. Never rejects. */
  readonly ended: Promise<WorkerEnd>;
  /** Time that a worker has between being asked to end and being forced to. */
  readonly graceMs: number;
  readonly #channel: Supervision['channel'];
  readonly #timeouts: Timeouts;
  readonly #timers = new Map<string, NodeJS.Timeout>();
  #hasBegun = false;
  #state: SupervisorState<Own> = { is: 'running' };
  #settle: (end: WorkerEnd) => void = () => {};

  constructor({ channel, graceMs = GRACE_MS, ...limits }: Supervision) {
    this.#channel = channel;
    this.graceMs = graceMs;
    this.#timeouts = new Timeouts(limits, Date.now());
    this.ended = new Promise((resolve) => {
      this.#settle = resolve;
    });
    void channel.started.then(() => {
      if (!this.#hasBegun) this.expect('start');
    });
    void channel.exited.then(() => this.#exit());
    void channel.ended.then((end) => this.#end(end));
  }

  get state(): SupervisorState<Own> {
    return this.#state;
  }

  /** Why the launcher stopped it, whatever became of it since; undefined where it did not. */
  get stopReason(): StopReason<Own> | undefined {
    const live = liveOf(this.#state);
    return live.is === 'stopping' ? live.reason : undefined;
  }

  /** Notes that the worker takes nothing new. Returns false where that was so already. */
  drain(): boolean {
    if (this.#state.is !== 'running') return false;
    this.#state = { is: 'draining' };
    return true;
  }

  /** Asks the worker's group to end, and forces it to after the grace. One that is being stopped already keeps its reason. */
  stop(reason: Own | TookTooLong): void {
    if (!this.#canStop) return;
    this.#clearTimers();
    this.#state = { is: 'stopping', reason, step: 'asked' };
    this.#channel.signal('SIGTERM');
    this.#timers.set(
      'step',
      setTimeout(() => this.#force(reason), this.#graceFor(reason)),
    );
  }

  #graceFor({ by }: StopReason<Own>): number {
    const tookTooLong = by === 'page-timeout' || by === 'start-timeout';
    return tookTooLong ? Math.min(this.graceMs, GRACE_OF_SLOW_MS) : this.graceMs;
  }

  /** Stops the worker if it is there after so long. Said again with a reason of the same name, the time starts anew. */
  stopAfter(ms: number, reason: Own): void {
    if (!this.#canStop) return;
    clearTimeout(this.#timers.get(reason.by));
    this.#timers.set(reason.by, setTimeout(() => this.stop(reason), ms).unref());
  }

  /** Ends the worker now, also one that has its grace to end. The reason it was stopped for stays. */
  kill(): void {
    const state = this.#state;
    switch (state.is) {
      case 'running':
      case 'draining':
        this.#force({ by: 'kill' });
        break;
      case 'stopping':
        // Said again it reaches what the group started since, and the time to end runs on.
        if (state.step === 'asked') this.#force(state.reason);
        else this.#channel.signal('SIGKILL');
        break;
      case 'exited':
      case 'gone':
        break;
      default:
        state satisfies never;
    }
  }

  /** Says what the worker is to do now; the time for that starts anew. Once it has started, its first sign is expected. */
  expect(what: Expected): void {
    this.#hasBegun = true;
    this.#timeouts.expect(what, Date.now());
  }

  /** Stops the worker where it took too long. `longestTickMs`: what the clock may have gone on since the last call. */
  checkTime(longestTickMs?: number): void {
    const passed = this.#timeouts.passed(Date.now(), longestTickMs);
    if (passed) this.stop({ by: passed });
  }

  /** Checks the time by itself, for whoever hears at once of what the worker did. */
  watchTime(): void {
    const everyMs = this.#timeouts.everyMs;
    if (everyMs === undefined || !this.#canStop) return;
    this.#timers.set('time', setInterval(() => this.checkTime(), everyMs).unref());
  }

  get #canStop(): boolean {
    return this.#state.is === 'running' || this.#state.is === 'draining';
  }

  #force(reason: StopReason<Own>): void {
    this.#clearTimers();
    this.#state = { is: 'stopping', reason, step: 'forced' };
    this.#channel.signal('SIGKILL');
    this.#timers.set(
      'step',
      setTimeout(() => this.#end({ by: 'stuck' }), STUCK_MS),
    );
  }

  #exit(): void {
    const state = this.#state;
    switch (state.is) {
      case 'running':
      case 'draining':
      case 'stopping':
        this.#clearTimers();
        this.#state = { is: 'exited', before: state };
        break;
      case 'exited':
      case 'gone':
        break;
      default:
        state satisfies never;
    }
  }

  /** The first end counts: one that was stuck may end much later. */
  #end(end: WorkerEnd): void {
    if (this.#state.is === 'gone') return;
    this.#clearTimers();
    this.#state = { is: 'gone', before: liveOf(this.#state), end };
    this.#settle(end);
  }

  #clearTimers(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }
}
