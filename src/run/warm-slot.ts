import { mkdir, rmdir } from 'node:fs/promises';
import path from 'node:path';
import type { Slot } from '../gpus/gpu.ts';
import type { Inspection } from '../pages/inspector.ts';
import type { Page } from '../pages/page.ts';
import type { PageAnswer } from '../workers/warm-answer.ts';
import { concludePage } from './conclude-page.ts';
import { diskTrouble } from './place.ts';
import { endWhatCannotGoOn } from './slot-run.ts';
import { SlotWorker } from './slot-worker.ts';
import type { ReadyPage, WarmRun } from './warm-run.ts';

/** A page that a worker has. */
interface HandedOver extends ReadyPage {
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
  readonly #worker: SlotWorker;
  #outputs = 0;

  constructor(slot: Slot, run: WarmRun) {
    this.#slot = slot;
    this.#run = run;
    this.#worker = new SlotWorker(slot, run);
    this.#folder = path.join(run.workRoot, slot.id);
    this.#trays = ['0', '1'].map((tray) => path.join(this.#folder, tray));
  }

  async go(): Promise<void> {
    const { assignments, fail, stop } = this.#run;
    const kill = (): void => this.#worker.kill();
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
        if (dropsNext) this.#worker.kill();
        this.#worker.countPage();
        const isLost = answer.by === 'lost' || answer.by === 'handed-back';
        if (isLost) await this.#worker.forgetLost();
        if (next && (isLost || dropsNext)) {
          // Before anything follows from a loss: where this was the last GPU, the page ahead is nobody's too.
          assignments.aheadHandedBack(this.#slot);
          next = undefined;
        }
        await concludePage(this.#run, this.#slot, { page: now, answer });
        if (next) assignments.aheadBegins(this.#slot);
        await endWhatCannotGoOn(this.#run);
      }
    } catch (error) {
      fail(error);
      assignments.abandon(this.#slot);
    } finally {
      await this.#worker.end();
      this.#worker.rest();
      // While others are at work: what is empty at the run's end needs no process that removes it.
      for (const folder of [...this.#trays, this.#folder]) await rmdir(folder).catch(() => {});
      stop.kill.removeEventListener('abort', kill);
    }
  }

  /** The next page in the hands of a worker that is ready; undefined when there will be none for this slot. */
  async #takeNext(): Promise<HandedOver | undefined> {
    const { assignments } = this.#run;
    for (;;) {
      const work = await assignments.next(this.#slot, 1, () => this.#worker.rest());
      if (!work) return undefined;
      const [page] = work.pages;
      const ready = page && (await this.#prepare(page, work.attempt));
      if (!ready) {
        assignments.handedBack(this.#slot, []);
        await endWhatCannotGoOn(this.#run);
        continue;
      }
      const worker = await this.#worker.readyFor(ready.page);
      if (worker) return { ...ready, answer: worker.translate(ready.request) };
    }
  }

  /** A second page for the worker to find when it is done with this one, where enough are left for everybody. */
  async #oneAhead({ attempt }: HandedOver): Promise<HandedOver | undefined> {
    const { assignments, options, stop } = this.#run;
    const worker = this.#worker.current;
    if (!worker?.takesPages || attempt > 1 || stop.drain.aborted || this.#worker.mustRenewAfter(1))
      return undefined;
    if (options.maxWorkerMemoryBytes !== undefined) return undefined;
    const page = assignments.takeAhead(this.#slot);
    if (!page) return undefined;
    const ready = await this.#prepare(page, 1);
    if (!ready || !worker.takesPages) {
      assignments.aheadHandedBack(this.#slot, { hasEnd: !ready });
      return undefined;
    }
    return { ...ready, answer: worker.translate(ready.request) };
  }

  /** Looks at the page; one that is no image has its end here, without a worker. */
  async #prepare(page: Page, attempt: number): Promise<ReadyPage | undefined> {
    const { inspector, recorder, translator, groupOf } = this.#run;
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
    return { page, attempt, request };
  }
}
