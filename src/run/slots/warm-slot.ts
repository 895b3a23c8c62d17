import { mkdir, rm, rmdir } from 'node:fs/promises';
import path from 'node:path';
import type { Page } from '../../model/page.ts';
import type { Slot } from '../../model/slot.ts';
import type { SourceProbe } from '../../pages/inspector.ts';
import { diskTrouble } from '../../store/outputs/disk-errors.ts';
import type { PageAnswer } from '../../workers/warm-answer.ts';
import type { WarmWorker } from '../../workers/warm-worker.ts';
import { Handover } from './handover.ts';
import { RenewableWorker } from './renewable-worker.ts';
import { settlePage } from './settle-page.ts';
import { stopIfHopeless } from './slot-context.ts';
import type { ReadyPage, WarmContext } from './warm-context.ts';

/** A page that a worker has. */
interface PageAtWork extends ReadyPage {
  readonly answer: Promise<PageAnswer>;
}

/** The page after the one at work: in the worker's pipe already, or held until the worker is free. */
type NextPage =
  | { readonly by: 'sent'; readonly page: PageAtWork }
  | { readonly by: 'held'; readonly page: ReadyPage };

/** Works on a slot with a warm worker, page by page, until there is nothing left for it. */
export async function runWarmSlot(slot: Slot, run: WarmContext): Promise<void> {
  await new WarmSlot(slot, run).go();
}

class WarmSlot {
  readonly #slot: Slot;
  readonly #run: WarmContext;
  readonly #folder: string;
  /** Where outputs are made: one for the page at work, one for the next page, in turn. */
  readonly #trays: readonly string[];
  readonly #worker: RenewableWorker;
  readonly #handover = new Handover();
  #outputs = 0;

  constructor(slot: Slot, run: WarmContext) {
    this.#slot = slot;
    this.#run = run;
    this.#worker = new RenewableWorker(slot, run);
    this.#folder = path.join(run.workRoot, slot.id);
    this.#trays = ['0', '1'].map((tray) => path.join(this.#folder, tray));
  }

  async go(): Promise<void> {
    const { dispatcher, fail, stop } = this.#run;
    const kill = (): void => this.#worker.kill();
    stop.kill.addEventListener('abort', kill, { once: true });
    try {
      for (const tray of this.#trays) {
        await mkdir(tray, { recursive: true }).catch((error) => {
          throw diskTrouble(error, tray);
        });
      }
      let now = await this.#takeNext();
      while (now) {
        const next = await this.#prepareNext(now);
        const answer = await now.answer;
        this.#handover.answered(answer);
        this.#worker.countPage();
        const isLost = answer.by === 'lost' || answer.by === 'handed-back';
        if (isLost) await this.#worker.forgetLost();
        const following = next && (await this.#goOnWith(next, { isLost }));
        await settlePage(this.#run, this.#slot, { page: now, answer });
        await this.#removeCopy(now);
        if (following) dispatcher.aheadBegins(this.#slot);
        await stopIfHopeless(this.#run);
        now = following ?? (await this.#takeNext());
      }
    } catch (error) {
      fail(error);
      dispatcher.abandon(this.#slot);
    } finally {
      await this.#worker.end();
      this.#worker.rest();
      // While others are at work: what is empty at the run's end needs no process that removes it.
      for (const folder of [...this.#trays, this.#folder]) await rmdir(folder).catch(() => {});
      stop.kill.removeEventListener('abort', kill);
    }
  }

  /** The next page in the hands of a worker that is ready; undefined when there will be none for this slot. */
  async #takeNext(): Promise<PageAtWork | undefined> {
    const { dispatcher } = this.#run;
    for (;;) {
      const work = await dispatcher.next(this.#slot, 1, () => this.#worker.rest());
      if (!work) return undefined;
      const [page] = work.pages;
      const ready = page && (await this.#prepare(page, work.attempt));
      if (!ready) {
        dispatcher.handedBack(this.#slot, []);
        await stopIfHopeless(this.#run);
        continue;
      }
      const worker = await this.#worker.readyFor(ready.page);
      if (worker) return this.#hand(ready, worker);
    }
  }

  /** Hands a page over to a worker that takes pages. */
  #hand(ready: ReadyPage, worker: WarmWorker): PageAtWork {
    return { ...ready, answer: worker.translate(ready.request) };
  }

  /**
   * The page after this one, where enough are left for everybody: sent to the worker already where pages are so short that
   * waiting for it would cost, else held here, so that it can go elsewhere.
   */
  async #prepareNext({ attempt }: PageAtWork): Promise<NextPage | undefined> {
    const { dispatcher, options, stop } = this.#run;
    const worker = this.#worker.current;
    if (!worker?.takesPages || attempt > 1 || stop.drain.aborted || this.#worker.mustRenewAfter(1))
      return undefined;
    if (options.maxWorkerMemoryBytes !== undefined) return undefined;
    const page = dispatcher.takeAhead(this.#slot);
    if (!page) return undefined;
    const ready = await this.#prepare(page, 1);
    if (!ready) {
      dispatcher.aheadHandedBack(this.#slot, { hasEnd: true });
      return undefined;
    }
    if (this.#handover.isWorthSendingAhead && worker.takesPages)
      return { by: 'sent', page: this.#hand(ready, worker) };
    return { by: 'held', page: ready };
  }

  /** The next page in the worker's hands, now that the page before is answered; undefined where it is handed back. */
  async #goOnWith(next: NextPage, { isLost }: { isLost: boolean }): Promise<PageAtWork | undefined> {
    const { dispatcher, stop } = this.#run;
    const worker = this.#worker.current;
    if (!isLost && next.by === 'sent') {
      // It is in the worker's pipe: a short page, which may be finished before the worker ends by itself.
      if (stop.drain.aborted) this.#worker.finishSoon();
      return next.page;
    }
    if (!isLost && worker?.takesPages && !stop.drain.aborted) {
      const handed = this.#hand(next.page, worker);
      this.#handover.handedOn();
      return handed;
    }
    // Before anything follows from a loss: where this was the last GPU, the next page is nobody's too.
    dispatcher.aheadHandedBack(this.#slot);
    await this.#removeCopy(next.page);
    return undefined;
  }

  /** Looks at the page; one that is no image has its end here, without a worker. */
  async #prepare(page: Page, attempt: number): Promise<ReadyPage | undefined> {
    const { inspector, options, recorder, translator, groupOf } = this.#run;
    this.#outputs += 1;
    const tray = this.#trays[this.#outputs % this.#trays.length] ?? '';
    const isCopy = options.link === 'copy';
    const copy = path.join(`${tray}-in`, path.basename(page.id));
    const [found] = (await inspector
      .probe([{ path: page.path, ...(isCopy && { link: copy }) }], { measure: true, copy: isCopy })
      .catch((error) => {
        throw diskTrouble(error, copy);
      })) as [SourceProbe];
    if (!found.ok) {
      await recorder.failed(page, 'unreadable', { attempt: 0, message: found.message });
      return undefined;
    }
    recorder.handOver(page, { sighting: found.source, isCopy });
    const request = {
      id: page.id,
      input: isCopy ? copy : page.path,
      // Under its own name: a worker may put files beside it that are called after it.
      output: path.join(tray, path.basename(translator.outputName(page.id))),
      group: groupOf(page),
      ...found.size,
    };
    return { page, attempt, isCopy, request };
  }

  /** A worker may leave anything where its copy was. */
  async #removeCopy({ isCopy, request }: ReadyPage): Promise<void> {
    if (isCopy) await rm(path.dirname(request.input), { recursive: true, force: true });
  }
}
