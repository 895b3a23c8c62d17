import type { WorkerChannel } from './hosts/host.ts';
import { listenToWorker, type WarmEars } from './listen-to-worker.ts';
import type { PageRequest } from './protocol.ts';
import { type Breach, Session } from './session.ts';
import { Supervisor } from './supervisor.ts';
import { lossOf, type PageAnswer, type Ready, type WarmEnd, type WorkerLoss } from './warm-answer.ts';
import type { WarmStart } from './warm-start.ts';
import type { WorkerEnd } from './worker-end.ts';

/** Why the launcher itself stops a warm worker, beside what every worker is stopped for. */
type WarmReason = Breach | { readonly by: 'finish' };

/** Python takes seconds to take torch and its models apart; a worker that does so ends as it should. No longer than a page may take. */
const LONGER_TO_UNLOAD = 6;

/** A worker that loads once and takes a page at a time: a session with a supervised worker. */
export class WarmWorker {
  /** Where it lives. */
  readonly channel: Pick<WorkerChannel, 'id' | 'started' | 'bring' | 'memory' | 'deviceMemory'>;
  /** Settles when the worker is ready or gone. Never rejects. */
  readonly ready: Promise<Ready>;
  /** Settles when the worker is gone; the pages in flight are answered just before. Never rejects. */
  readonly ended: Promise<WarmEnd>;
  readonly #start: WarmStart;
  readonly #supervisor: Supervisor<WarmReason>;
  readonly #session: Session;

  constructor(start: WarmStart) {
    const { channel, redact = (text) => text, tell, ...limits } = start;
    const supervisor = new Supervisor<WarmReason>({ channel, ...limits });
    const session = new Session({
      send: (line, page) => channel.send(line, page),
      redact,
      tell,
      pageBegan: () => supervisor.expect('page'),
      idle: () => this.#idle(),
      broken: (breach) => supervisor.stop(breach),
    });
    this.#start = start;
    this.channel = channel;
    this.#supervisor = supervisor;
    this.#session = session;
    this.ready = session.ready;
    this.ended = supervisor.ended.then((end) => this.#conclude(end));
    const ears: WarmEars = {
      said: (line) => {
        // Once it is being stopped, what it says comes too late.
        if (!supervisor.stopReason) session.hear(line);
      },
      line: (stream, text) => session.log(stream, text),
      closed: (pipe) => this.#closed(pipe),
    };
    listenToWorker(channel, ears, redact);
    supervisor.watchTime();
  }

  /** Pages that are handed over and not answered. */
  get inFlight(): number {
    return this.#session.inFlight;
  }

  /** True while another page may be handed over: to an idle worker, or ahead to a busy one. */
  get takesPages(): boolean {
    return this.#supervisor.state.is === 'running' && this.#session.hasRoom;
  }

  /**
   * Hands a page over once the worker is ready. A second one may be sent ahead while the first is at work: the worker
   * finds it as soon as it is done. Settles with what became of the page; never rejects.
   */
  translate(page: PageRequest): Promise<PageAnswer> {
    if (!this.#session.isReady) throw new Error(`${page.id} was handed to a worker that isn't ready`);
    if (!this.#session.hasRoom) throw new Error(`${page.id}: there is no room for a third page`);
    if (!this.takesPages) return this.ended.then(({ end }) => ({ by: 'handed-back', end }));
    return this.#session.translate(page);
  }

  /**
   * Lets the worker finish its pages and end; it is stopped where it takes longer than the grace afterwards. One that isn't
   * ready yet has nothing to finish. Not patient: pages that it hasn't finished within the grace are handed back.
   */
  finish({ isPatient = true } = {}): Promise<WarmEnd> {
    if (!this.#supervisor.drain()) return this.ended;
    this.#start.channel.closeInput();
    if (!this.#session.isReady) this.#supervisor.stop({ by: 'finish' });
    else if (this.inFlight === 0) this.#stopUnlessUnloaded();
    else if (!isPatient) this.#supervisor.stopAfter(this.#supervisor.graceMs, { by: 'finish' });
    return this.ended;
  }

  /** Ends the worker now. Its pages are handed back. */
  kill(): Promise<WarmEnd> {
    this.#supervisor.kill();
    return this.ended;
  }

  #idle(): void {
    this.#supervisor.expect('nothing');
    if (this.#supervisor.state.is === 'draining') this.#stopUnlessUnloaded();
  }

  #stopUnlessUnloaded(): void {
    const unloadMs = this.#supervisor.graceMs * LONGER_TO_UNLOAD;
    const { pageTimeoutMs } = this.#start;
    const limitMs = pageTimeoutMs > 0 ? Math.min(unloadMs, pageTimeoutMs) : unloadMs;
    this.#supervisor.stopAfter(limitMs, { by: 'finish' });
  }

  /** A pipe is closed: at a worker's end that is as it should be, and an end may take a moment. */
  #closed(pipe: 'stdin' | 'stdout'): void {
    if (pipe === 'stdin' && this.#supervisor.state.is === 'draining') return;
    const breach = { by: 'breach', why: `it closed its ${pipe} without exiting` } as const;
    this.#supervisor.stopAfter(this.#supervisor.graceMs, breach);
  }

  #conclude(end: WorkerEnd): WarmEnd {
    const loss = this.#loss(end);
    const { isReady, answered } = this.#session;
    this.#session.close(end, loss);
    return { end, wasReady: isReady, pages: answered, ...(loss && { loss }) };
  }

  #loss(end: WorkerEnd): WorkerLoss | undefined {
    const { state, stopReason } = this.#supervisor;
    const { breach, lastWords, isReady } = this.#session;
    // One that broke the protocol may have ended before it could be stopped.
    const why = stopReason ?? breach;
    const wasDraining = state.is === 'gone' && state.before.is === 'draining';
    if (wasDraining && this.inFlight === 0 && !breach) return undefined;
    if (why?.by === 'kill' || why?.by === 'finish') return undefined;
    const { pageTimeoutMs, startTimeoutMs } = this.#start;
    return lossOf({
      end,
      endedBy: why?.by,
      ...(why?.by === 'breach' && why),
      lines: lastWords,
      wasReady: isReady,
      pageTimeoutMs,
      startTimeoutMs,
    });
  }
}
