import type { AttemptResult, Beside, WorkAssignment } from '../../dispatch/assignment.ts';
import { cannotRun } from '../../model/refusal.ts';
import { gpuIndexOf, type Slot } from '../../model/slot.ts';
import { LineLevels } from '../../workers/line-level.ts';
import type { PageAnswer, WorkerLoss } from '../../workers/warm-answer.ts';
import { WarmWorker } from '../../workers/warm-worker.ts';
import { exitOf } from '../../workers/worker-end.ts';
import type { Standing } from './settle-page.ts';
import { returned } from './slot-context.ts';
import type { WarmContext } from './warm-context.ts';

/** A worker that takes pages, or what became of the assignment that it was started for. */
type StartedWorker =
  | { readonly by: 'ready'; readonly worker: WarmWorker }
  | { readonly by: 'not-ready'; readonly result: AttemptResult };

/** A slot's warm worker: there when a page needs it, renewed where it has to be, one after the other. */
export class RenewableWorker {
  readonly #slot: Slot;
  readonly #run: WarmContext;
  #worker: WarmWorker | undefined;
  /** Pages that it answered for. */
  #pages = 0;
  /** Of these the ones that failed since it started or finished one. */
  #streak = 0;
  #isDistrusted = false;
  /** How long it loaded, until somebody has told of it. */
  #loadSeconds: number | undefined;

  constructor(slot: Slot, run: WarmContext) {
    this.#slot = slot;
    this.#run = run;
  }

  /** The worker that is there now, ready or not. */
  get current(): WarmWorker | undefined {
    return this.#worker;
  }

  /** The worker, ready for an assignment; started where there is none that may have it. */
  async readyFor({ pages, needsFresh }: WorkAssignment): Promise<StartedWorker> {
    const isUsed = this.#isDistrusted || (needsFresh && this.#pages > 0);
    if (this.#worker && (isUsed || (await this.#isWornOut(this.#worker)))) await this.end();
    if (this.#worker) return { by: 'ready', worker: this.#worker };
    const { emit, gate, stop, memory, cards } = this.#run;
    await gate.enter(this.#slot);
    if (stop.drain.aborted) {
      gate.gone(this.#slot);
      return { by: 'not-ready', result: returned(pages) };
    }
    const startedMs = performance.now();
    let worker: WarmWorker;
    try {
      worker = this.#start();
    } catch (error) {
      // Nobody else would let go of its turn.
      gate.gone(this.#slot);
      throw error;
    }
    const ready = await worker.ready;
    if (ready.by === 'ready') {
      const { loadSeconds, device, memoryBytes } = ready;
      if (memoryBytes !== undefined) cards.holds(this.#slot, memoryBytes);
      else void this.#askHeld(worker);
      if (memory.isWatched) memory.note((await worker.channel.memory())?.peak);
      gate.ready(this.#slot);
      // The worker's own word leaves out what came before its first line.
      this.#loadSeconds = (performance.now() - startedMs) / 1000;
      emit({ type: 'worker-ready', slot: this.#slot.id, loadSeconds, device });
      return { by: 'ready', worker };
    }
    const beside = await this.forget();
    const result = ready.by === 'stopped' ? returned(pages) : this.#notStarted(pages, ready, beside);
    return { by: 'not-ready', result };
  }

  /** It answered for a page. */
  answered({ by }: PageAnswer): void {
    this.#pages += 1;
    if (by === 'done') this.#streak = 0;
  }

  /** What a failure now says of the process, which is one more in its streak. */
  readonly failed = (): Standing => {
    this.#streak += 1;
    return { streak: this.#streak, isFresh: this.#pages <= 1 };
  };

  /** From its start to its first page in seconds; told once. */
  takeLoadSeconds(): number | undefined {
    const seconds = this.#loadSeconds;
    this.#loadSeconds = undefined;
    return seconds;
  }

  /** The next page gets another one. */
  distrust(): void {
    if (this.#worker) this.#isDistrusted = true;
  }

  /** True where it takes no page after so many more. */
  endsAfter(morePages: number): boolean {
    const most = this.#run.options.maxPagesPerWorker;
    return this.#isDistrusted || (most !== undefined && this.#pages + morePages >= most);
  }

  /** It has nothing to do: where models are loaded one after the other, another one may. */
  rest(): void {
    this.#run.gate.rest(this.#slot);
  }

  kill(): void {
    void this.#worker?.kill();
  }

  /** No page comes any more: the worker ends after the one that it has, which may not take long. */
  finishSoon(): void {
    void this.#worker?.finish({ isPatient: false });
  }

  async end(): Promise<void> {
    const worker = this.#worker;
    if (!worker) return;
    // It stays at hand until it is gone: a second Ctrl-C must find it.
    await (this.#run.stop.kill.aborted ? worker.kill() : worker.finish());
    await this.forget();
  }

  /** Settles when its process is gone, too; returns who was beside it where it had not loaded yet. */
  async forget(): Promise<Beside | undefined> {
    if (!this.#worker) return undefined;
    await this.#worker.ended;
    this.#worker = undefined;
    this.#isDistrusted = false;
    this.#run.cards.gone(this.#slot);
    return this.#run.gate.gone(this.#slot);
  }

  #start(): WarmWorker {
    const { commandOf, host, environmentOf, options, emit, redact, stop, onStart } = this.#run;
    const slot = this.#slot.id;
    const levels = { stdout: new LineLevels(), stderr: new LineLevels() };
    const worker = new WarmWorker({
      channel: host.start(this.#slot, {
        command: commandOf(this.#slot),
        env: environmentOf(this.#slot),
        takesLines: true,
      }),
      pageTimeoutMs: options.pageTimeoutMs,
      startTimeoutMs: options.startTimeoutMs,
      redact,
      tell: {
        line: (stream, text) => {
          // What isn't the protocol on a worker's stdout is noise, and nobody meant it to be there.
          const level = stream === 'stdout' ? 'warn' : levels[stream].levelOf(text);
          emit({ type: 'worker-log', slot, stream, text, level });
        },
        pageStarted: (page) =>
          emit({ type: 'page-started', page, slot, attempt: this.#run.dispatcher.attemptOf(page) }),
        stage: (page, stage) => emit({ type: 'page-stage', page, slot, stage }),
      },
    });
    this.#worker = worker;
    this.#pages = 0;
    this.#streak = 0;
    this.#loadSeconds = undefined;
    const { channel } = worker;
    void channel.started.then(() => {
      if (channel.id === undefined) return;
      emit({ type: 'worker-started', slot, gpu: gpuIndexOf(this.#slot), pid: channel.id });
    });
    void worker.ended.then(({ end, pages, loss }) => {
      if (channel.id === undefined) return;
      const why = loss?.reason === 'timeout' ? loss.message : undefined;
      emit({ type: 'worker-exited', slot, ...exitOf(end), pages, ...(why !== undefined && { why }) });
    });
    onStart();
    // While models load no page is in flight: there is nothing to wait for.
    const drop = (): void => {
      if (worker.inFlight === 0) void worker.finish();
    };
    stop.drain.addEventListener('abort', drop, { once: true });
    void worker.ended.then(() => stop.drain.removeEventListener('abort', drop));
    if (stop.drain.aborted) drop();
    return worker;
  }

  /** What it holds of its device, where nobody but its host tells. */
  async #askHeld(worker: WarmWorker): Promise<void> {
    const bytes = await worker.channel.deviceMemory();
    if (bytes !== undefined && this.#worker === worker) this.#run.cards.holds(this.#slot, bytes);
  }

  #notStarted(
    remaining: WorkAssignment['pages'],
    loss: WorkerLoss,
    beside = { ofDevice: false, loading: false },
  ): AttemptResult {
    const { end, lastWords: lastLines, message, otherProtocol } = loss;
    if (end.by === 'gone') return returned(remaining);
    if (otherProtocol !== undefined || end.by === 'no-start') {
      const limit = end.by === 'no-start' ? end.refusal : undefined;
      this.#run.fail(limit ?? cannotRun(`the worker can't be used: ${message}`));
      return returned(remaining);
    }
    const lost = { withoutSign: true, lastWords: message, lastLines, isStuck: end.by === 'stuck' };
    return { by: 'no-start', remaining, lost, beside };
  }

  async #isWornOut({ channel }: WarmWorker): Promise<boolean> {
    if (this.endsAfter(0)) return true;
    const most = this.#run.options.maxWorkerMemoryBytes;
    if (most === undefined) return false;
    return ((await channel.memory())?.now ?? 0) > most;
  }
}
