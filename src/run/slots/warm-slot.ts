import { rmdir } from 'node:fs/promises';
import path from 'node:path';
import type { AttemptResult, WorkAssignment } from '../../dispatch/assignment.ts';
import type { Slot } from '../../model/slot.ts';
import { makeFolder } from '../../pages/make-folder.ts';
import { diskTrouble } from '../../store/outputs/disk-errors.ts';
import type { PageAnswer } from '../../workers/warm-answer.ts';
import type { WarmWorker } from '../../workers/warm-worker.ts';
import { applyDecision } from './apply-decision.ts';
import { Handover } from './handover.ts';
import { keepCopy, removeCopy } from './prepare-page.ts';
import { RenewableWorker } from './renewable-worker.ts';
import { settlePage } from './settle-page.ts';
import { returned } from './slot-context.ts';
import { type NextPage, SlotPages } from './slot-pages.ts';
import type { ReadyPage, WarmContext } from './warm-context.ts';

/** A page that a worker has. */
interface PageAtWork {
  readonly ready: ReadyPage;
  readonly answer: Promise<PageAnswer>;
  readonly waitSeconds: number;
}

/** Works on a slot with a warm worker, page by page, until there is nothing left for it. */
export async function runWarmSlot(slot: Slot, run: WarmContext): Promise<void> {
  await new WarmSlot(slot, run).go();
}

class WarmSlot {
  readonly #slot: Slot;
  readonly #run: WarmContext;
  readonly #folder: string;
  readonly #pages: SlotPages;
  readonly #worker: RenewableWorker;
  readonly #handover: Handover;
  /** Since when the worker has been ready and without a page, on the monotonic clock. */
  #freeMs: number | undefined;

  constructor(slot: Slot, run: WarmContext) {
    this.#slot = slot;
    this.#run = run;
    this.#worker = new RenewableWorker(slot, run);
    this.#handover = new Handover(run.host.leastGapSeconds);
    this.#folder = path.join(run.workRoot, slot.id);
    this.#pages = new SlotPages(run, this.#folder);
  }

  async go(): Promise<void> {
    const { dispatcher, fail, stop } = this.#run;
    const kill = (): void => this.#worker.kill();
    const onIdle = (): void => this.#worker.rest();
    stop.kill.addEventListener('abort', kill, { once: true });
    try {
      for (const tray of this.#pages.trays) {
        await makeFolder(tray).catch((error) => {
          throw diskTrouble(error, tray);
        });
      }
      for (;;) {
        const assignment = await dispatcher.next(this.#slot, { onIdle });
        if (!assignment) break;
        if (assignment.by === 'vacate') await this.#worker.end();
        else await this.#work(assignment);
      }
    } catch (error) {
      fail(error);
    } finally {
      await this.#worker.end();
      this.#worker.rest();
      await this.#pages.drop();
      // While others are at work: what is empty at the run's end needs no process that removes it.
      for (const folder of [...this.#pages.trays, this.#folder]) await rmdir(folder).catch(() => {});
      stop.kill.removeEventListener('abort', kill);
    }
  }

  async #work(assignment: WorkAssignment): Promise<void> {
    const { dispatcher, fail } = this.#run;
    const result = await this.#attempt(assignment).catch((error): AttemptResult => {
      fail(error);
      return returned(dispatcher.openPagesOf(assignment));
    });
    const decision = dispatcher.settle(assignment, result);
    if (decision.replaceProcess) this.#worker.distrust();
    await applyDecision(this.#run, this.#slot, decision);
  }

  async #attempt(assignment: WorkAssignment): Promise<AttemptResult> {
    const started = await this.#begin(assignment);
    if ('by' in started) return started;
    const { ready, waitSeconds } = started;
    await this.#prepareNext(assignment);
    const answer = await started.answer;
    this.#handover.answered(answer);
    this.#worker.answered(answer);
    if (answer.by === 'lost' || answer.by === 'handed-back') await this.#worker.forget();
    else await this.#goOn(answer);
    await this.#prepareLater(answer);
    const standing = this.#worker.failed;
    const takeLoadSeconds = (): number | undefined => this.#worker.takeLoadSeconds();
    const result = await settlePage(this.#run, assignment, {
      ready,
      answer,
      standing,
      takeLoadSeconds,
      waitSeconds,
    });
    await removeCopy(this.#run, ready);
    return result;
  }

  /** The assignment's page in the hands of a worker, or what became of it before. */
  async #begin(assignment: WorkAssignment): Promise<PageAtWork | AttemptResult> {
    const [page] = assignment.pages;
    if (!page) return returned([]);
    const next = await this.#pages.begin(page, assignment.attempt);
    // Where the page is copied first, models load meanwhile; not for one that a worker has had, whose answer tells what follows.
    const isLoading = next.answer === undefined && this.#isCopiedWhileLoading;
    const starting = isLoading ? this.#readyFor(assignment) : undefined;
    const [prepared, early] = await Promise.all([next.prepared, starting]);
    if (prepared.by === 'failed') {
      // That a worker did not start is told first: the page is looked at again.
      if (early?.by === 'not-ready') return early.result;
      return { by: 'returned', remaining: [], failed: [prepared.failure] };
    }
    const { ready } = prepared;
    if (next.answer !== undefined) return { ready, answer: next.answer, waitSeconds: next.waitSeconds ?? 0 };
    const started = await (starting ?? this.#readyFor(assignment));
    const mayBegin = started.by === 'ready' && (await this.#run.dispatcher.turn(assignment));
    if (mayBegin) return { ready, ...this.#handTo(started.worker, ready, next) };
    await keepCopy(this.#run, ready);
    return started.by === 'ready' ? returned(assignment.pages) : started.result;
  }

  get #isCopiedWhileLoading(): boolean {
    return this.#run.stage?.isOn === true && this.#worker.current === undefined;
  }

  async #readyFor(assignment: WorkAssignment): ReturnType<RenewableWorker['readyFor']> {
    const had = this.#worker.current;
    const started = await this.#worker.readyFor(assignment);
    if (started.by === 'ready' && started.worker !== had) this.#freeMs = performance.now();
    return started;
  }

  #handTo(
    worker: WarmWorker,
    { request }: ReadyPage,
    next: NextPage,
  ): Pick<PageAtWork, 'answer' | 'waitSeconds'> {
    const waitSeconds = worker.inFlight === 0 ? this.#waitedFor(next) : 0;
    const answer = worker.translate(request).then((found) => {
      this.#freeMs = performance.now();
      return found;
    });
    return { answer, waitSeconds };
  }

  /** How long the worker has had nothing to do because the page was not ready. */
  #waitedFor({ input: { askedMs, readyMs = askedMs } }: NextPage): number {
    const waitedMs = readyMs - Math.max(askedMs, this.#freeMs ?? readyMs);
    return Math.max(0, waitedMs) / 1000;
  }

  /**
   * The page after this one, where enough are left for everybody: sent to the worker already where pages are so short that
   * waiting for it would cost, else held here, so that it can go elsewhere.
   */
  async #prepareNext({ attempt }: WorkAssignment): Promise<void> {
    const { dispatcher, options, stop } = this.#run;
    const worker = this.#worker.current;
    if (!worker?.takesPages || attempt > 1 || stop.drain.aborted || this.#worker.endsAfter(1)) return;
    if (options.maxWorkerMemoryBytes !== undefined) return;
    const ahead = this.#handover.isWorthSendingAhead ? 'send' : 'hold';
    const assignment = await dispatcher.next(this.#slot, { ahead });
    const page = assignment?.by === 'work' ? assignment.pages[0] : undefined;
    if (!page) return;
    const next = await this.#pages.comesNext(page);
    const prepared = await next.prepared;
    if (ahead === 'send') await this.#send(next, worker);
    else if (prepared.by === 'ready') worker.channel.bring(prepared.ready.request);
  }

  /** While a page is put on record and its worker has the next one, the page after that is made ready, and held. */
  async #prepareLater({ by }: PageAnswer): Promise<void> {
    const { dispatcher, stop } = this.#run;
    if (by !== 'done' || this.#pages.next?.answer === undefined || stop.drain.aborted) return;
    if (this.#worker.endsAfter(1)) return;
    const assignment = await dispatcher.next(this.#slot, { ahead: 'hold' });
    const page = assignment?.by === 'work' ? assignment.pages[0] : undefined;
    if (page) this.#pages.comesLater(page);
  }

  /** The worker is free: it gets the page that was held for it, unless that went elsewhere meanwhile. */
  async #goOn({ by }: PageAnswer): Promise<void> {
    const { dispatcher, stop } = this.#run;
    const worker = this.#worker.current;
    const { next } = this.#pages;
    const isSent = next?.answer !== undefined;
    if (stop.drain.aborted) {
      // It is in the worker's pipe: a short page, which may be finished before the worker ends by itself.
      if (isSent) this.#worker.finishSoon();
      return;
    }
    // What follows from a failure is decided first.
    if (by !== 'done' || isSent || !next || !worker?.takesPages || this.#worker.endsAfter(0)) return;
    const assignment = await dispatcher.next(this.#slot, { ahead: 'send-held' });
    if (assignment?.by !== 'work' || assignment.pages[0] !== next.page) return;
    await this.#send(next, worker);
    this.#handover.handedOn();
  }

  async #send(next: NextPage, worker: WarmWorker): Promise<void> {
    const prepared = await next.prepared;
    if (prepared.by === 'ready' && worker.takesPages) {
      Object.assign(next, this.#handTo(worker, prepared.ready, next));
    }
  }
}
