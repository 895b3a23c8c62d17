import pLimit from 'p-limit';
import type { AttemptResult, Beside, PageFailure, WorkAssignment } from '../../dispatch/assignment.ts';
import type { Page, PageId } from '../../model/page.ts';
import { cannotRun } from '../../model/refusal.ts';
import { stemOf } from '../../pages/output-name.ts';
import { type BatchFolder, batchNamesOf } from '../../store/outputs/batch-folder.ts';
import { moveSidecars } from '../../store/outputs/move-sidecars.ts';
import type { BatchLog, OneShotTranslator } from '../../translators/translator.ts';
import type { FoundOutput } from '../../workers/found-output.ts';
import { mainLine, tellsFullDisk } from '../../workers/last-words.ts';
import type { OneShotEnd } from '../../workers/one-shot-worker.ts';
import type { BatchNames } from '../../workers/output-names.ts';
import type { ChildImages } from '../../workers/understand-names.ts';
import { type BatchRun, runBatchChild } from './batch-child.ts';
import { concede } from './concede.ts';
import { keepUnnamed } from './keep-unnamed.ts';
import { lostBatch } from './lost-batch.ts';
import { type GivenBatch, hearWhyNothing, madeInstead } from './made-instead.ts';
import type { OneShotContext } from './one-shot-context.ts';
import { inWords, NO_OTHER_IMAGES } from './other-images.ts';
import { type FinishedPage, NOTHING_BACK, recordSuccess, unreadablePage } from './record-success.ts';
import { endedWithRun, fullDisk } from './slot-context.ts';
import { toldInOrder } from './told-failures.ts';
import { imagesAmong, learnNames } from './unnamed-outputs.ts';

/** One batch on its way through one child. */
export class BatchAtWork {
  readonly #assignment: WorkAssignment;
  readonly #folder: BatchFolder;
  readonly #run: OneShotContext;
  /** The program may refuse an argument on another slot meanwhile: this batch keeps the one that it began with. */
  readonly #translator: OneShotTranslator;
  readonly #names: BatchNames;
  readonly #log: BatchLog | undefined;
  readonly #pages = new Map<PageId, Page>();
  readonly #sourceBytes = new Map<PageId, number>();
  readonly #copies = new Set<PageId>();
  /** Pages that came out untranslated and get another try. */
  readonly #untranslated = new Set<PageId>();
  /** The run ends: a page that is done could not be recorded, and is left as it is. */
  #isLeft = false;
  /** Pages that are told of as failed, whatever becomes of the child. */
  readonly #failed: PageFailure[] = [];
  /** From the child's start to its first page, until a page has told of it. */
  #loadSeconds: number | undefined;

  constructor(assignment: WorkAssignment, folder: BatchFolder, run: OneShotContext) {
    this.#assignment = assignment;
    this.#folder = folder;
    this.#run = run;
    this.#translator = run.translator.now;
    this.#names = batchNamesOf(this.#translator, run.naming);
    this.#log = this.#translator.logOf?.(folder);
  }

  async finish(): Promise<AttemptResult> {
    const { stop } = this.#run;
    const ready = await this.#prepare();
    if (ready.length === 0 || stop.drain.aborted) return this.#returned();
    const child = await this.#runChild(ready);
    if (!child) return this.#returned();
    this.#log?.end();
    await this.#checkSources(this.#open);
    const isDiskFull = await this.#believeLog(child.ended);
    const from = this.#translator.outputsOf(this.#folder);
    if (await this.#isKeptUnnamed(child.ended, { isDiskFull })) return this.#returned();
    const isAllDone = this.#open.length === 0;
    const other = isAllDone ? NO_OTHER_IMAGES : await madeInstead(this.#run, this.#asGiven, child.ended);
    await moveSidecars(this.#run, { from, names: child.ended.others });
    await moveSidecars(this.#run, { from: this.#folder.input, names: other.inInput });
    return isDiskFull || this.#isLeft ? this.#returned() : this.#resultOf(child, inWords(other));
  }

  /** Runs a child once it may load; undefined where the run was stopped before. */
  async #runChild(pages: readonly Page[]): Promise<BatchRun | undefined> {
    const { gate, stop } = this.#run;
    const { slot } = this.#assignment;
    let ended: OneShotEnd | undefined;
    let beside: Beside | undefined;
    await gate.enter(slot);
    try {
      if (stop.drain.aborted) return undefined;
      ended = await runBatchChild(this.#run, this.#assignment, {
        pages,
        sourceBytes: this.#sourceBytes,
        folder: this.#folder,
        translator: this.#translator,
        log: this.#log,
        loaded: (seconds) => {
          this.#loadSeconds = seconds;
        },
        learn: (others, end) =>
          learnNames({ ...this.#run, program: this.#translator.name }, this.#imagesOf({ others }), end),
        output: (found, seconds) => this.#record(found, seconds),
      });
    } finally {
      beside = gate.gone(slot);
    }
    return { ended, beside };
  }

  /** Links the pages into the batch; those that are no images are not for a child. */
  async #prepare(): Promise<Page[]> {
    const { inspector, links, optionsHash, recorder, fillInTurn } = this.#run;
    const { ready, unreadable } = await fillInTurn(() =>
      this.#folder.fill(this.#assignment.pages, {
        inspector,
        links,
        options: optionsHash,
        names: this.#names,
      }),
    );
    for (const { page, ...why } of unreadable) this.#failed.push(unreadablePage(page, why));
    for (const { page, ...source } of ready) {
      recorder.handOver(page, source);
      this.#pages.set(page.id, page);
      this.#sourceBytes.set(page.id, source.sighting.bytes);
      if (source.isCopy) this.#copies.add(page.id);
    }
    return ready.map(({ page }) => page);
  }

  async #record(found: FoundOutput, seconds: number | undefined): Promise<void> {
    const page = this.#pages.get(found.page);
    if (!page) return;
    const logged = this.#log?.outcomeOf(found.name);
    // What it saved for a page that it says failed, or that is to have no output, is none.
    if (logged?.outcome === 'failed' || logged?.saved === false) return;
    if (logged?.outcome === 'untranslated' && !this.#assignment.isLastTry) {
      this.#untranslated.add(page.id);
      return;
    }
    await this.#run.naming.confirm();
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
    await this.#finish(page, { outcome: logged?.outcome ?? 'translated', output, seconds });
  }

  async #finish(
    page: Page,
    { outcome, output, seconds }: Pick<FinishedPage, 'outcome' | 'output'> & { seconds?: number | undefined },
  ): Promise<void> {
    const { slot, attempt } = this.#assignment;
    const end = { slot: slot.id, attempt, ...(seconds !== undefined && { seconds }) };
    const loadSeconds = this.#loadSeconds;
    this.#loadSeconds = undefined;
    const recorded = await recordSuccess(this.#run, this.#assignment, {
      page,
      outcome,
      output,
      end,
      loadSeconds,
    });
    if (recorded.by === 'failed') this.#failed.push(recorded.failure);
    this.#isLeft ||= recorded.by === 'left';
  }

  /** Takes the program at its word where its log tells of a page. True where it says that the disk is full. */
  async #believeLog({ finished }: OneShotEnd): Promise<boolean> {
    if (!this.#log) return false;
    const told = new Map<PageId, Pick<PageFailure, 'reason' | 'message'>>();
    for (const page of this.#open) {
      const logged = this.#log.outcomeOf(this.#names.nameInBatch(page.id));
      const isEmpty = this.#untranslated.has(page.id);
      const failure = isEmpty ? NOTHING_BACK : logged?.outcome === 'failed' ? logged : undefined;
      if (failure && tellsFullDisk([failure.message])) {
        this.#run.fail(fullDisk(this.#run, failure.message));
        return true;
      }
      if (failure) told.set(page.id, { reason: failure.reason, message: this.#run.redact(failure.message) });
      else if (logged && logged.outcome !== 'failed' && !logged.saved) {
        await this.#finish(page, { outcome: logged.outcome, output: null });
      }
    }
    this.#failed.push(...toldInOrder([...this.#pages.values()], { told, finished }));
    return false;
  }

  /** A translator that writes over its input has destroyed originals: nothing more of that. */
  async #checkSources(pages: readonly Page[]): Promise<void> {
    const inTurn = pLimit(16);
    await Promise.all(pages.map((page) => inTurn(() => this.#run.recorder.assertUntouched(page))));
  }

  /** Pages that nobody has told of. */
  get #open(): readonly Page[] {
    const failed = new Set(this.#failed.map(({ page }) => page));
    return this.#run.dispatcher.openPagesOf(this.#assignment).filter((page) => !failed.has(page));
  }

  get #asGiven(): GivenBatch {
    const { slot } = this.#assignment;
    const [folder, translator] = [this.#folder, this.#translator];
    return { slot, folder, translator, sourceBytes: this.#sourceBytes, copies: this.#copies };
  }

  #returned(): AttemptResult {
    return { by: 'returned', remaining: this.#open, failed: this.#failed };
  }

  #imagesOf({ others }: Pick<OneShotEnd, 'others'>): ChildImages {
    const pages = [...this.#pages.keys()].map((page) => this.#names.nameInBatch(page));
    return { pages, images: imagesAmong(others) };
  }

  /** True where it may have made its pages under names that nobody knows. */
  #isKeptUnnamed(ended: OneShotEnd, { isDiskFull }: { isDiskFull: boolean }): Promise<boolean> {
    const last = ended.named.at(-1);
    const lastNamed = last === undefined ? undefined : this.#names.nameInBatch(last);
    const images = this.#imagesOf(ended);
    return keepUnnamed(this.#run, this.#asGiven, images, { ...ended, lastNamed, isDiskFull });
  }

  /** What became of the pages that nobody has told of, from how the child ended. */
  #resultOf({ ended, beside }: BatchRun, wrote: string): AttemptResult {
    const { options, fail, stop } = this.#run;
    const { end, endedBy, finished, lastLines } = ended;
    const undone = this.#open;
    if (end.by === 'no-start') {
      const { file } = this.#translator.command(this.#folder, this.#assignment.slot);
      const words = `can't start ${file}: ${end.message}`;
      fail(end.refusal ?? cannotRun(words, 'use a program that exists and is executable'));
      return this.#returned();
    }
    if (endedBy === 'drain' || endedBy === 'kill' || endedWithRun(end, stop)) return this.#returned();
    if (undone.length === 0) return { by: 'ended', failed: this.#failed, remaining: [] };
    if (finished.length === 0 && concede(this.#run, this.#translator, ended)) return this.#returned();
    if (tellsFullDisk(lastLines)) {
      fail(fullDisk(this.#run, mainLine(lastLines)));
      return this.#returned();
    }
    if (finished.length === 0) hearWhyNothing(this.#run, this.#asGiven, lastLines);
    return lostBatch(
      { ...ended, wrote },
      {
        undone,
        failed: this.#failed,
        beside,
        limits: options,
        batch: this.#assignment,
      },
    );
  }
}
