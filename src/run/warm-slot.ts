import { mkdir, readdir, rm, rmdir } from 'node:fs/promises';
import path from 'node:path';
import type { Slot } from '../gpus/gpu.ts';
import type { Inspection } from '../pages/inspector.ts';
import type { Page } from '../pages/page.ts';
import { cannotRun, Refusal } from '../refusal.ts';
import type { WarmTranslator } from '../translators/translator.ts';
import { tellsFullDisk, wantedBytes } from '../workers/last-words.ts';
import { LineLevels } from '../workers/line-level.ts';
import type { PageRequest } from '../workers/protocol.ts';
import { residentBytes } from '../workers/resident-bytes.ts';
import type { PageAnswer, WorkerLoss } from '../workers/warm-answer.ts';
import { WarmWorker } from '../workers/warm-worker.ts';
import { exitOf } from '../workers/worker-process.ts';
import type { FirstStart } from './first-start.ts';
import { diskTrouble, type Placer } from './place.ts';
import {
  endWhatCannotGoOn,
  followConsequences,
  fullDisk,
  gpuIndexOf,
  type SlotRun,
  tellBenched,
} from './slot-run.ts';
import type { LostWorker, Work } from './work.ts';

/** What the slots of a warm run share. */
export interface WarmRun extends SlotRun {
  readonly outputRoot: string;
  readonly placer: Placer;
  readonly translator: WarmTranslator;
  readonly firstStart: FirstStart;
  /** The group that a page belongs to, as the worker is told. */
  readonly groupOf: (page: Page) => string;
}

type DonePage = Extract<PageAnswer, { by: 'done' }>;

/** A page that is ready to be handed to a worker: looked at, its place for the output known. */
interface Ready {
  readonly work: Work;
  readonly page: Page;
  readonly request: PageRequest;
}

/** A page that a worker has. */
interface HandedOver extends Ready {
  readonly answer: Promise<PageAnswer>;
}

/** Works on a slot with a warm worker, page by page, until there is nothing left for it. */
export async function runWarmSlot(slot: Slot, run: WarmRun): Promise<void> {
  await new WarmSlot(slot, run).go();
}

class WarmSlot {
  readonly #slot: Slot;
  readonly #run: WarmRun;
  readonly #folder: string;
  /** Where outputs are made: one for the page at work, one for the page sent ahead, in turn. */
  readonly #trays: readonly string[];
  #worker: WarmWorker | undefined;
  #pagesOfWorker = 0;
  #outputs = 0;

  constructor(slot: Slot, run: WarmRun) {
    this.#slot = slot;
    this.#run = run;
    this.#folder = path.join(run.workRoot, slot.id);
    this.#trays = ['0', '1'].map((tray) => path.join(this.#folder, tray));
  }

  async go(): Promise<void> {
    const { assignments, fail, stop } = this.#run;
    const kill = (): void => void this.#worker?.kill();
    stop.kill.addEventListener('abort', kill, { once: true });
    try {
      for (const tray of this.#trays) {
        await mkdir(tray, { recursive: true }).catch((error) => {
          throw diskTrouble(error, tray);
        });
      }
      let next: HandedOver | undefined;
      for (;;) {
        const now = next ?? (await this.#takeNext());
        if (!now) break;
        next = await this.#oneAhead(now);
        const answer = await now.answer;
        // No new pages: the one that was sent ahead is about to begin. One that has begun since would be in flight.
        const dropsNext = next !== undefined && stop.drain.aborted;
        if (dropsNext) void this.#worker?.kill();
        await this.#conclude(now, answer);
        if (dropsNext) await next?.answer;
        if (next && (answer.by === 'lost' || answer.by === 'handed-back' || dropsNext)) {
          assignments.aheadHandedBack(this.#slot);
          next = undefined;
        } else if (next) assignments.aheadBegins(this.#slot);
        await endWhatCannotGoOn(this.#run);
      }
    } catch (error) {
      fail(error);
      assignments.abandon(this.#slot);
    } finally {
      await this.#endWorker();
      for (const folder of [...this.#trays, this.#folder]) await rmdir(folder).catch(() => {});
      this.#run.firstStart.leave(this);
      stop.kill.removeEventListener('abort', kill);
    }
  }

  /** The next page in the hands of a worker that is ready; undefined when there will be none for this slot. */
  async #takeNext(): Promise<HandedOver | undefined> {
    const { assignments, firstStart } = this.#run;
    for (;;) {
      const work = await assignments.next(this.#slot, 1, () => firstStart.leave(this));
      if (!work) return undefined;
      const ready = await this.#prepare(work);
      if (!ready) {
        assignments.handedBack(this.#slot, []);
        await endWhatCannotGoOn(this.#run);
        continue;
      }
      const worker = await this.#readyWorker(ready.page);
      if (worker) return { ...ready, answer: worker.translate(ready.request) };
    }
  }

  /** A second page for the worker to find when it is done with this one, where enough are left for everybody. */
  async #oneAhead({ work }: HandedOver): Promise<HandedOver | undefined> {
    const { assignments, options, stop } = this.#run;
    const worker = this.#worker;
    if (!worker?.takesPages || work.attempt > 1 || stop.drain.aborted || this.#mustRenewAfter(1))
      return undefined;
    if (options.maxWorkerMemoryBytes !== undefined) return undefined;
    const page = assignments.takeAhead(this.#slot);
    if (!page) return undefined;
    const ready = await this.#prepare({ pages: [page], alone: true, attempt: 1 });
    if (!ready || !worker.takesPages) {
      assignments.aheadHandedBack(this.#slot, ready ? [page] : []);
      return undefined;
    }
    return { ...ready, answer: worker.translate(ready.request) };
  }

  /** Looks at the page; one that is no image has its end here, without a worker. */
  async #prepare(work: Work): Promise<Ready | undefined> {
    const { inspector, recorder, translator, groupOf } = this.#run;
    const [page] = work.pages;
    if (!page) return undefined;
    const [found] = (await inspector.inspect([{ path: page.path }], { measure: true })) as [Inspection];
    if (!found.ok) {
      await recorder.failed(page, 'unreadable', { attempt: 0, message: found.message });
      return undefined;
    }
    recorder.remember(page.id, { bytes: found.bytes, mtimeMs: found.mtimeMs });
    this.#outputs += 1;
    const tray = this.#trays[this.#outputs % this.#trays.length] ?? '';
    const request = {
      id: page.id,
      input: page.path,
      // Under its own name: a worker may put files beside it that are called after it.
      output: path.join(tray, path.basename(translator.outputName(page.id))),
      group: groupOf(page),
      ...found.size,
    };
    return { work, page, request };
  }

  /** The slot's worker, started where there is none; undefined where it was lost before it was ready. */
  async #readyWorker(page: Page): Promise<WarmWorker | undefined> {
    if (this.#worker && (await this.#isWornOut(this.#worker))) await this.#endWorker();
    const { assignments, emit, fail, firstStart, redact, stop } = this.#run;
    await firstStart.enter(this);
    if (this.#worker) return this.#worker;
    if (stop.drain.aborted) {
      assignments.handedBack(this.#slot, [page]);
      return undefined;
    }
    const worker = this.#startWorker();
    this.#worker = worker;
    this.#pagesOfWorker = 0;
    const ready = await worker.ready;
    if (ready.by === 'ready') {
      const { loadSeconds, device } = ready;
      assignments.loaded(this.#slot, loadSeconds);
      emit({ type: 'worker-ready', slot: this.#slot.id, loadSeconds, device });
      return worker;
    }
    await worker.ended;
    this.#worker = undefined;
    firstStart.leave(this);
    if (ready.by === 'stopped') {
      assignments.handedBack(this.#slot, [page]);
      return undefined;
    }
    if (ready.otherProtocol !== undefined || ready.end.by === 'no-start') {
      fail(cannotRun(`the worker can't be used: ${redact(ready.message)}`));
      assignments.handedBack(this.#slot, [page]);
      return undefined;
    }
    const consequences = assignments.startFailed(this.#slot, page, { lastWords: redact(ready.message) });
    await followConsequences(this.#run, this.#slot, consequences, {
      end: ready.end,
      lastLines: ready.lastWords,
    });
    return undefined;
  }

  #startWorker(): WarmWorker {
    const { translator, guard, environmentOf, options, emit, redact, stop } = this.#run;
    const slot = this.#slot.id;
    const levels = { stdout: new LineLevels(), stderr: new LineLevels() };
    const worker = new WarmWorker({
      command: translator.command(this.#slot),
      env: environmentOf(this.#slot),
      guard,
      pageTimeoutMs: options.pageTimeoutMs,
      startTimeoutMs: options.startTimeoutMs,
      tell: {
        line: (stream, text) => {
          // What isn't the protocol on a worker's stdout is noise, and nobody meant it to be there.
          const level = stream === 'stdout' ? 'warn' : levels[stream].levelOf(text);
          emit({ type: 'worker-log', slot, stream, text: redact(text), level });
        },
        pageStarted: (page) =>
          emit({ type: 'page-started', page, slot, attempt: this.#run.assignments.attemptOf(page) }),
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

  async #conclude(now: HandedOver, answer: PageAnswer): Promise<void> {
    const { assignments } = this.#run;
    this.#pagesOfWorker += 1;
    if (answer.by === 'lost' || answer.by === 'handed-back') {
      await this.#worker?.ended;
      this.#worker = undefined;
      this.#run.firstStart.leave(this);
    }
    switch (answer.by) {
      case 'done':
        return this.#conclusionOf(now, answer);
      case 'failed':
        return this.#failed(now, answer, []);
      case 'lost':
        return this.#failed(now, answer, answer.lastWords, answer);
      case 'handed-back':
        return assignments.handedBack(this.#slot, [now.page]);
    }
  }

  /** A page that its worker says is done, believed as far as its file goes. */
  async #conclusionOf(now: HandedOver, answer: DonePage): Promise<void> {
    const { assignments, recorder, inspector, firstStart, translator, fail } = this.#run;
    const { page, work, request } = now;
    const { outcome, seconds, stages, peakMemoryBytes } = answer;
    const end = {
      slot: this.#slot.id,
      attempt: work.attempt,
      seconds,
      ...(stages && { stages }),
      ...(peakMemoryBytes !== undefined && { peakMemoryBytes }),
    };
    const isWanted = answer.output !== null;
    const found = await inspector.examine({ source: page.path, ...(isWanted && { output: request.output }) });
    const verdict = found.output;
    if (verdict && 'missing' in verdict) {
      const reason = verdict.missing === 'ENOENT' ? 'no-output' : 'bad-output';
      return this.#failed(now, { reason, message: 'the worker said done, and there is no file' }, []);
    }
    if (verdict && !verdict.whole)
      return this.#failed(now, { reason: 'bad-output', message: verdict.why }, []);
    const output = verdict
      ? { path: request.output, name: translator.outputName(page.id), ...verdict }
      : null;
    if (outcome === 'untranslated' && assignments.mayTryAgain(page.id, this.#slot)) {
      return this.#failed(now, { reason: 'error', message: 'the translator gave nothing back' }, []);
    }
    let isMoved = false;
    try {
      const other = await recorder.finished(page, outcome, output, { ...end, source: found.source });
      isMoved = output !== null && other === undefined;
      if (translator.leavesOtherFiles) await this.#moveOthers(now);
      firstStart.succeeded();
      if (other === undefined) tellBenched(this.#run, assignments.finished(this.#slot, page.id, seconds));
      else
        await recorder.failed(page, 'collision', {
          ...end,
          message: `its output is that of ${other} already`,
        });
    } catch (error) {
      if (error instanceof Refusal) fail(error);
      else await recorder.failed(page, 'error', { ...end, message: (error as Error).message }).catch(fail);
    }
    // What still lies there would be taken for what a later page of this name makes.
    if (!isMoved) await emptyFolder(path.dirname(request.output));
    assignments.handedBack(this.#slot, []);
  }

  /** Files that the worker put beside the output go where that went; nothing is put in the place of a page. */
  async #moveOthers({ page, request }: HandedOver): Promise<void> {
    const { placer, outputRoot, recorder, translator } = this.#run;
    const tray = path.dirname(request.output);
    for (const other of await readdir(tray)) {
      const name = path.join(path.dirname(translator.outputName(page.id)), other);
      if (recorder.isPlaceOfPage(name)) continue;
      await placer.move(path.join(tray, other), path.join(outputRoot, name)).catch((error) => {
        if (error instanceof Refusal) throw error;
      });
    }
  }

  async #failed(
    { page, request }: HandedOver,
    { reason, message }: { reason: Parameters<WarmRun['recorder']['failed']>[1]; message: string },
    lastLines: readonly string[],
    loss?: WorkerLoss,
  ): Promise<void> {
    const { assignments, fail, redact } = this.#run;
    await emptyFolder(path.dirname(request.output));
    if (tellsFullDisk([message, ...lastLines])) {
      fail(fullDisk(this.#run, message));
      return assignments.handedBack(this.#slot, [page]);
    }
    const wanted = reason === 'oom' ? wantedBytes(message) : undefined;
    const size = wanted === undefined ? '' : `wanted ${(wanted / 1024 ** 3).toFixed(2)} GiB: `;
    const words = redact(`${size}${message}`);
    const lost: LostWorker | undefined = loss && { withoutSign: false, lastWords: redact(loss.message) };
    const consequences = assignments.loneFailed(this.#slot, page, {
      reason,
      message: words,
      ...(lost && { lost }),
    });
    await followConsequences(this.#run, this.#slot, consequences, {
      ...(loss && { end: loss.end }),
      lastLines,
    });
  }

  #mustRenewAfter(morePages: number): boolean {
    const most = this.#run.options.maxPagesPerWorker;
    return most !== undefined && this.#pagesOfWorker + morePages >= most;
  }

  async #isWornOut({ pid }: WarmWorker): Promise<boolean> {
    if (this.#mustRenewAfter(0)) return true;
    const most = this.#run.options.maxWorkerMemoryBytes;
    if (most === undefined || pid === undefined) return false;
    return ((await residentBytes(pid)) ?? 0) > most;
  }

  async #endWorker(): Promise<void> {
    const worker = this.#worker;
    if (!worker) return;
    // It stays at hand until it is gone: a second Ctrl-C must find it.
    await (this.#run.stop.kill.aborted ? worker.kill() : worker.finish());
    this.#worker = undefined;
  }
}

/** What a failed try left behind must not be taken for what the next page makes. */
async function emptyFolder(folder: string): Promise<void> {
  const names = await readdir(folder);
  await Promise.all(names.map((name) => rm(path.join(folder, name), { recursive: true, force: true })));
}
