import type { Page } from '../../model/page.ts';
import { cannotRun } from '../../model/refusal.ts';
import type { Slot } from '../../model/slot.ts';
import { LineLevels } from '../../workers/line-level.ts';
import { residentBytes } from '../../workers/resident-bytes.ts';
import type { WorkerLoss } from '../../workers/warm-answer.ts';
import { WarmWorker } from '../../workers/warm-worker.ts';
import { exitOf } from '../../workers/worker-process.ts';
import { applyDecision, gpuIndexOf } from './slot-context.ts';
import type { WarmContext } from './warm-context.ts';

/** A slot's warm worker: there when a page needs it, renewed where it has to be, one after the other. */
export class RenewableWorker {
  readonly #slot: Slot;
  readonly #run: WarmContext;
  #worker: WarmWorker | undefined;
  #pages = 0;

  constructor(slot: Slot, run: WarmContext) {
    this.#slot = slot;
    this.#run = run;
  }

  /** The worker that is there now, ready or not. */
  get current(): WarmWorker | undefined {
    return this.#worker;
  }

  /** The worker, ready for the page; started where there is none. Undefined where it was lost before it was ready. */
  async readyFor(page: Page): Promise<WarmWorker | undefined> {
    if (this.#worker && (await this.#isWornOut(this.#worker))) await this.end();
    const { dispatcher, emit, loadGate, stop } = this.#run;
    await loadGate.enter(this);
    if (this.#worker) return this.#worker;
    if (stop.drain.aborted) {
      dispatcher.handedBack(this.#slot, [page]);
      return undefined;
    }
    const worker = this.#start();
    this.#worker = worker;
    this.#pages = 0;
    const ready = await worker.ready;
    if (ready.by === 'ready') {
      const { loadSeconds, device } = ready;
      dispatcher.loaded(this.#slot, loadSeconds);
      emit({ type: 'worker-ready', slot: this.#slot.id, loadSeconds, device });
      return worker;
    }
    await this.forgetLost();
    if (ready.by === 'stopped') dispatcher.handedBack(this.#slot, [page]);
    else await this.#startFailed(page, ready);
    return undefined;
  }

  /** A page has been answered for. */
  countPage(): void {
    this.#pages += 1;
  }

  /** True where it would have done enough pages after so many more. */
  mustRenewAfter(morePages: number): boolean {
    const most = this.#run.options.maxPagesPerWorker;
    return most !== undefined && this.#pages + morePages >= most;
  }

  /** It has nothing to do: where models are loaded one after the other, another one may. */
  rest(): void {
    this.#run.loadGate.leave(this);
  }

  /** Settles when the lost worker's process is gone, too. */
  async forgetLost(): Promise<void> {
    await this.#worker?.ended;
    this.#worker = undefined;
    this.rest();
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
    this.#worker = undefined;
  }

  #start(): WarmWorker {
    const { translator, guard, environmentOf, options, emit, redact, stop } = this.#run;
    const slot = this.#slot.id;
    const levels = { stdout: new LineLevels(), stderr: new LineLevels() };
    const worker = new WarmWorker({
      command: translator.command(this.#slot),
      env: environmentOf(this.#slot),
      guard,
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
    if (worker.pid !== undefined) {
      emit({ type: 'worker-started', slot, gpu: gpuIndexOf(this.#slot), pid: worker.pid });
      void worker.ended.then(({ end, pages }) =>
        emit({ type: 'worker-exited', slot, ...exitOf(end), pages }),
      );
    }
    // While models load no page is in flight: there is nothing to wait for.
    const drop = (): void => {
      if (worker.inFlight === 0) void worker.finish();
    };
    stop.drain.addEventListener('abort', drop, { once: true });
    void worker.ended.then(() => stop.drain.removeEventListener('abort', drop));
    if (stop.drain.aborted) drop();
    return worker;
  }

  async #startFailed(page: Page, loss: WorkerLoss): Promise<void> {
    const { dispatcher, fail } = this.#run;
    if (loss.otherProtocol !== undefined || loss.end.by === 'no-start') {
      const limit = loss.end.by === 'no-start' ? loss.end.refusal : undefined;
      fail(limit ?? cannotRun(`the worker can't be used: ${loss.message}`));
      return dispatcher.handedBack(this.#slot, [page]);
    }
    const consequences = dispatcher.startFailed(this.#slot, page, { lastWords: loss.message });
    await applyDecision(this.#run, this.#slot, consequences, {
      end: loss.end,
      lastLines: loss.lastWords,
    });
  }

  async #isWornOut({ pid }: WarmWorker): Promise<boolean> {
    if (this.mustRenewAfter(0)) return true;
    const most = this.#run.options.maxWorkerMemoryBytes;
    if (most === undefined || pid === undefined) return false;
    return ((await residentBytes(pid)) ?? 0) > most;
  }
}
