import path from 'node:path';
import pLimit from 'p-limit';
import type { Assignment, Decision, LostWorker } from '../../dispatch/assignment.ts';
import type { Page, PageId } from '../../model/page.ts';
import { cannotRun } from '../../model/refusal.ts';
import type { Slot } from '../../model/slot.ts';
import { stemOf } from '../../pages/output-name.ts';
import { BatchFolder, batchNamesOf, type LinkMode } from '../../store/outputs/batch-folder.ts';
import { moveSidecars } from '../../store/outputs/move-sidecars.ts';
import type { BatchLog, OneShotTranslator } from '../../translators/translator.ts';
import type { FoundOutput } from '../../workers/batch-outputs.ts';
import { mainLine, tellsFullDisk } from '../../workers/last-words.ts';
import type { NamingHabit } from '../../workers/naming-habit.ts';
import type { OneShotEnd } from '../../workers/one-shot-worker.ts';
import type { BatchNames } from '../../workers/output-names.ts';
import { runBatchChild } from './batch-child.ts';
import { failureOf, lastWordsOf } from './one-shot-failure.ts';
import { NOTHING_BACK, recordSuccess } from './record-success.ts';
import { applyDecision, endedWithRun, fullDisk, type SlotContext, stopIfHopeless } from './slot-context.ts';

/** What the slots of a one-shot run share. */
export interface OneShotContext extends SlotContext {
  readonly optionsHash: string;
  readonly links: LinkMode;
  /** One batch is filled at a time: the first child starts sooner, the last no later. */
  readonly fillInTurn: <T>(fill: () => Promise<T>) => Promise<T>;
  /** When the program names its pages, as its children teach it. */
  readonly habit: NamingHabit;
  /** Removals of old batches, to be awaited at the end. */
  readonly removals: Set<Promise<void>>;
  /** Changes once, where the program refuses an argument of ours. */
  translator: OneShotTranslator;
}

/** Works on a slot with one child after another until there is nothing left for it. */
export async function runOneShotSlot(slot: Slot, run: OneShotContext): Promise<void> {
  let batch = 0;
  for (let work = await run.dispatcher.next(slot); work; work = await run.dispatcher.next(slot)) {
    batch += 1;
    const folder = new BatchFolder(path.join(run.workRoot, slot.id, String(batch)));
    try {
      await new BatchAtWork(slot, work, folder, run).finish();
    } catch (error) {
      run.fail(error);
      run.dispatcher.handedBack(slot, work.pages);
    }
    // What could not be recorded stays: the next run gathers it.
    if (!run.stop.reasons.has('cannot-go-on')) track(run.removals, folder.remove());
    await stopIfHopeless(run);
  }
}

const track = (all: Set<Promise<void>>, one: Promise<void>): void => {
  all.add(one);
  void one.finally(() => all.delete(one));
};

/** One batch on its way through one child. */
class BatchAtWork {
  readonly #slot: Slot;
  readonly #work: Assignment;
  readonly #folder: BatchFolder;
  readonly #run: OneShotContext;
  /** The program may refuse an argument on another slot meanwhile: this batch keeps the one that it began with. */
  readonly #translator: OneShotTranslator;
  readonly #names: BatchNames;
  readonly #log: BatchLog | undefined;
  readonly #pages = new Map<PageId, Page>();
  readonly #sourceBytes = new Map<PageId, number>();
  /** Pages that came out untranslated and get another try. */
  readonly #untranslated = new Set<PageId>();
  #diskIsFull = false;

  constructor(slot: Slot, work: Assignment, folder: BatchFolder, run: OneShotContext) {
    this.#slot = slot;
    this.#work = work;
    this.#folder = folder;
    this.#run = run;
    this.#translator = run.translator;
    this.#names = batchNamesOf(run.translator);
    this.#log = run.translator.logOf?.(folder);
  }

  async finish(): Promise<void> {
    const { dispatcher, stop } = this.#run;
    const ready = await this.#prepare();
    if (ready.length === 0) return dispatcher.handedBack(this.#slot, []);
    if (stop.drain.aborted) return dispatcher.handedBack(this.#slot, ready);
    const outputFolder = this.#translator.outputsOf(this.#folder);
    const ended = await runBatchChild(this.#run, this.#slot, {
      pages: ready,
      sourceBytes: this.#sourceBytes,
      folder: this.#folder,
      translator: this.#translator,
      attempt: this.#work.attempt,
      log: this.#log,
      habit: this.#run.habit,
      output: (found, seconds) => this.#record(found, seconds),
    });
    this.#log?.end();
    const done = new Set(ended.finished);
    await this.#checkSources(ready.filter((page) => !done.has(page.id)));
    const open = await this.#believeLog(ready, ended);
    const undone = open.filter((page) => !done.has(page.id));
    await moveSidecars(this.#run, { from: outputFolder, names: ended.others });
    await this.#conclude(ready, { open, undone, ended });
  }

  /** Links the pages into the batch; those that are no images have their end here, without a child. */
  async #prepare(): Promise<Page[]> {
    const { inspector, links, optionsHash, recorder, fillInTurn } = this.#run;
    const { ready, unreadable } = await fillInTurn(() =>
      this.#folder.fill(this.#work.pages, { inspector, links, options: optionsHash, names: this.#names }),
    );
    for (const { page, message } of unreadable)
      await recorder.failed(page, 'unreadable', { attempt: 0, message });
    for (const { page, ...source } of ready) {
      recorder.handOver(page, source);
      this.#pages.set(page.id, page);
      this.#sourceBytes.set(page.id, source.sighting.bytes);
    }
    return ready.map(({ page }) => page);
  }

  async #record(found: FoundOutput, seconds: number | undefined): Promise<void> {
    const page = this.#pages.get(found.page);
    if (!page) return;
    const logged = this.#log?.outcomeOf(found.name);
    // What it saved for a page that it says failed, or that is to have no output, is none.
    if (logged?.outcome === 'failed' || logged?.saved === false) return;
    if (logged?.outcome === 'untranslated' && this.#run.dispatcher.mayTryAgain(page.id, this.#slot)) {
      this.#untranslated.add(page.id);
      return;
    }
    const end = { ...this.#endOfPage(), ...(seconds !== undefined && { seconds }) };
    // Under another name in the batch it still goes where the page belongs, with the suffix that it came with.
    const name = `${stemOf(page.id)}${found.name.slice(stemOf(found.name).length)}`;
    const { path: file, bytes, format, isLink, equalsSource = false } = found;
    const output = {
      path: file,
      name,
      bytes,
      equalsSource,
      ...(format && { format }),
      ...(isLink && { isLink }),
    };
    await recordSuccess(this.#run, this.#slot, {
      page,
      outcome: logged?.outcome ?? 'translated',
      output,
      end,
    });
  }

  #endOfPage(): { slot: string; attempt: number } {
    return { slot: this.#slot.id, attempt: this.#work.attempt };
  }

  /** Takes the program at its word where its log tells of a page. Returns the pages that only their files can tell of. */
  async #believeLog(pages: readonly Page[], ended: OneShotEnd): Promise<readonly Page[]> {
    if (!this.#log) return pages;
    const { dispatcher, redact } = this.#run;
    const open: Page[] = [];
    for (const page of pages) {
      const logged = this.#log.outcomeOf(this.#names.nameInBatch(page.id));
      const failure = this.#untranslated.has(page.id)
        ? NOTHING_BACK
        : logged?.outcome === 'failed'
          ? logged
          : undefined;
      if (failure && tellsFullDisk([failure.message])) {
        // No try of any page: all that is left of the batch goes back with it.
        this.#diskIsFull = true;
        this.#run.fail(fullDisk(this.#run, failure.message));
        open.push(page);
      } else if (failure) {
        await this.#follow(
          dispatcher.toldFailed(this.#slot, page, {
            reason: failure.reason,
            message: redact(failure.message),
          }),
          ended,
        );
      } else if (logged && logged.outcome !== 'failed' && !logged.saved) {
        const end = this.#endOfPage();
        await recordSuccess(this.#run, this.#slot, { page, outcome: logged.outcome, output: null, end });
      } else open.push(page);
    }
    return open;
  }

  /** A translator that writes over its input has destroyed originals: nothing more of that. */
  async #checkSources(pages: readonly Page[]): Promise<void> {
    const inTurn = pLimit(16);
    await Promise.all(pages.map((page) => inTurn(() => this.#run.recorder.assertUntouched(page))));
  }

  /** What follows for the pages that nobody has told of: `open` are those that came to this child and are not settled. */
  async #conclude(
    pages: readonly Page[],
    { open, undone, ended }: { open: readonly Page[]; undone: readonly Page[]; ended: OneShotEnd },
  ): Promise<void> {
    const { dispatcher, options, fail, stop } = this.#run;
    const alone = pages.length === 1;
    const stopped = ended.endedBy === 'drain' || ended.endedBy === 'kill' || endedWithRun(ended.end, stop);
    const neverThere = ended.end.by === 'no-start';
    if (ended.end.by === 'no-start') {
      const { file } = this.#translator.command(this.#folder, this.#slot);
      fail(
        ended.end.refusal ??
          cannotRun(
            `can't start ${file}: ${ended.end.message}`,
            'name a program that is there and may be executed',
          ),
      );
    }
    if (this.#diskIsFull || (alone && (undone.length === 0 || stopped || neverThere)))
      return dispatcher.handedBack(this.#slot, undone);
    if (ended.finished.length === 0 && !stopped && this.#concede(ended)) {
      return dispatcher.handedBack(this.#slot, undone);
    }
    if (undone.length > 0 && !stopped && tellsFullDisk(ended.lastLines)) {
      fail(fullDisk(this.#run, mainLine(ended.lastLines)));
      return dispatcher.handedBack(this.#slot, undone);
    }
    const lost = undone.length === 0 || stopped || neverThere ? undefined : this.#lostWorker(ended);
    const [page] = undone;
    if (!alone || !page || !lost) {
      return this.#follow(dispatcher.batchEnded(this.#slot, { ...ended, pages: open }, lost), ended);
    }
    const { reason, message } = failureOf(ended, ended.broken.get(page.id), options);
    const failure = { reason, message, lost };
    await this.#follow(dispatcher.loneFailed(this.#slot, page, failure), ended);
  }

  #follow(consequences: Decision, ended: OneShotEnd): Promise<void> {
    return applyDecision(this.#run, this.#slot, consequences, ended);
  }

  #lostWorker(ended: OneShotEnd): LostWorker {
    const { finished, named, broken } = ended;
    const withoutSign = finished.length + named.length + broken.size === 0;
    return { withoutSign, lastWords: lastWordsOf(ended, this.#run.options) };
  }

  /** Goes on without an argument that the program refused. False where it refused none. */
  #concede({ end, lastLines }: OneShotEnd): boolean {
    const concession = this.#translator.afterRefusal(end.by === 'exit' ? end.code : null, lastLines);
    if (!concession) return false;
    if (this.#run.translator === this.#translator) {
      this.#run.translator = concession.translator;
      this.#run.emit({ type: 'notice', level: 'warn', text: concession.notice });
    }
    return true;
  }
}
