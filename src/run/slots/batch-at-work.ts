import pLimit from 'p-limit';
import type { AttemptResult, Beside, PageFailure, WorkAssignment } from '../../dispatch/assignment.ts';
import type { Page, PageId } from '../../model/page.ts';
import type { BatchFolder } from '../../store/outputs/batch-folder.ts';
import { moveSidecars } from '../../store/outputs/move-sidecars.ts';
import type { BatchLog } from '../../translators/translator.ts';
import type { FoundOutput } from '../../workers/found-output.ts';
import type { OneShotEnd } from '../../workers/one-shot-end.ts';
import { type BatchRun, runBatchChild } from './batch-child.ts';
import { BatchInput } from './batch-input.ts';
import { blameSources } from './broken-source.ts';
import { resultOfChild } from './child-result.ts';
import { FailingStreak } from './failing-streak.ts';
import { tellFlattened } from './flattened-pages.ts';
import { isMisplacing } from './is-misplacing.ts';
import { judgeDepth } from './judge-depth.ts';
import { judgeInput } from './judge-input.ts';
import { keepMisplaced } from './keep-misplaced.ts';
import { keepUnnamed } from './keep-unnamed.ts';
import { LaidBatch } from './laid-batch.ts';
import { madeInstead } from './made-instead.ts';
import type { OneShotContext } from './one-shot-context.ts';
import { inWords, NO_OTHER_IMAGES } from './other-images.ts';
import { tellElsewhere } from './outputs-elsewhere.ts';
import { type FinishedPage, madeOutputOf, recordSuccess } from './record-success.ts';
import { toldByLog } from './told-by-log.ts';
import { toldInOrder } from './told-failures.ts';
import { learnNames } from './unnamed-outputs.ts';

/** One batch on its way through one child. */
export class BatchAtWork {
  readonly #assignment: WorkAssignment;
  readonly #run: OneShotContext;
  readonly #batch: LaidBatch;
  readonly #log: BatchLog | undefined;
  readonly #streak: FailingStreak | undefined;
  /** Pages that came out untranslated and get another try. */
  readonly #untranslated = new Set<PageId>();
  /** A page came out that is no copy of its source. */
  #hasTranslated = false;
  /** The run ends: a page that is done could not be recorded, and is left as it is. */
  #isLeft = false;
  /** Pages that are told of as failed, whatever becomes of the child. */
  readonly #failed: PageFailure[] = [];
  readonly #input: BatchInput;
  /** From the child's start to its first page, until a page has told of it. */
  #loadSeconds: number | undefined;

  constructor(assignment: WorkAssignment, folder: BatchFolder, run: OneShotContext) {
    this.#assignment = assignment;
    this.#run = run;
    this.#batch = new LaidBatch(assignment, folder, run);
    this.#input = new BatchInput(run, this.#batch);
    const log = this.#batch.translator.logOf?.(folder);
    this.#log = log;
    this.#streak = log && new FailingStreak((page) => log.outcomeOf(this.#batch.names.nameInBatch(page)));
  }

  async finish(): Promise<AttemptResult> {
    const { stop } = this.#run;
    const batch = this.#batch;
    this.#failed.push(...(await batch.fill()));
    if (batch.pages.size === 0 || stop.drain.aborted) return this.#returned();
    const child = await this.#input.during(() => this.#runChild());
    if (!child) return this.#returned();
    this.#log?.end();
    await this.#checkSources(this.#open);
    const isOverwritten = await judgeInput(this.#run, batch, {
      ended: child.ended,
      hasTranslated: this.#hasTranslated,
      record: (found) => this.#record(found, undefined),
    });
    const isDiskFull = await this.#believeLog(child.ended);
    const { outputs: from, placeOf } = batch;
    this.#forgiveWithoutInput();
    const isWithoutInput = this.#open.some(this.#input.wasMissing);
    const isAllDone = this.#open.length === 0;
    const isFlattened = !isAllDone && tellFlattened(this.#run, batch, child.ended);
    if (!isAllDone && !isFlattened && (await this.#isKept(child.ended, { isDiskFull })))
      return this.#returned();
    const depth =
      isAllDone || isFlattened || isWithoutInput ? 'no' : judgeDepth(this.#run, batch, child.ended);
    const other = isAllDone ? NO_OTHER_IMAGES : await madeInstead(this.#run, batch, child.ended);
    await moveSidecars(this.#run, { from, names: child.ended.others, placeOf });
    await moveSidecars(this.#run, { from: batch.folder.input, names: other.inInput, placeOf });
    const isOver = isOverwritten || isDiskFull || this.#isLeft || isFlattened || depth === 'surely';
    if (isOver || isWithoutInput) return this.#returned();
    return resultOfChild(this.#run, child, {
      assignment: this.#assignment,
      batch,
      failed: this.#failed,
      undone: this.#open,
      wrote: inWords(other),
      depth,
    });
  }

  /** Takes back the failures of pages that had no input: they come again. */
  #forgiveWithoutInput(): void {
    const others = this.#failed.filter(({ page }) => !this.#input.wasMissing(page));
    this.#failed.splice(0, this.#failed.length, ...others);
  }

  /** Runs a child once its pages may begin and it may load; undefined where they are not to begin any more. */
  async #runChild(): Promise<BatchRun | undefined> {
    const { gate, stop, dispatcher } = this.#run;
    const { slot } = this.#assignment;
    if (!(await dispatcher.turn(this.#assignment))) return undefined;
    let ended: OneShotEnd | undefined;
    let beside: Beside | undefined;
    await gate.enter(slot);
    try {
      // Another slot's child has refused an argument meanwhile: its pages come again, for a child without that.
      if (stop.drain.aborted || this.#batch.translator !== this.#run.translator.now) return undefined;
      ended = await runBatchChild(this.#run, this.#assignment, {
        batch: this.#batch,
        log: this.#log,
        isFailing: () => this.#isFailing,
        started: (page) => this.#streak?.started(page),
        loaded: (seconds) => {
          this.#loadSeconds = seconds;
        },
        learn: (others, end) =>
          learnNames(
            { ...this.#run, inputs: this.#batch.inputs, program: this.#batch.translator.name },
            this.#batch.imagesOf(others),
            end,
          ),
        isMisplacing: (others) => isMisplacing(this.#run, this.#batch, others),
        output: (found, seconds) => this.#record(found, seconds),
      });
    } finally {
      beside = gate.gone(slot);
    }
    return { ended, beside };
  }

  /** True once what its log told of suffices to decide what follows. */
  get #isFailing(): boolean {
    if (!this.#streak) return false;
    const { count, message } = this.#streak.now;
    return count > 0 && count >= this.#run.dispatcher.failuresInARow(message);
  }

  async #record(found: FoundOutput, seconds: number | undefined): Promise<void> {
    const page = this.#batch.pages.get(found.page);
    if (!page) return;
    const logged = this.#log?.outcomeOf(found.name);
    // What it saved for a page that it says failed, or that is to have no output, is none.
    if (logged?.outcome === 'failed' || logged?.saved === false) return;
    if (logged?.outcome === 'untranslated' && !this.#assignment.isLastTry) {
      this.#untranslated.add(page.id);
      return;
    }
    await this.#run.naming.confirm();
    this.#run.nested.came(this.#batch.nameOf(page.id));
    const output = madeOutputOf(page, found);
    const outcome = logged?.outcome ?? 'translated';
    this.#hasTranslated ||= outcome === 'translated' && !found.equalsSource;
    await this.#finish(page, { outcome, output, seconds });
  }

  async #finish(
    page: Page,
    { outcome, output, seconds }: Pick<FinishedPage, 'outcome' | 'output'> & { seconds?: number | undefined },
  ): Promise<void> {
    const { slot, attempt } = this.#assignment;
    const size = this.#batch.sizes.get(page.id);
    const end = {
      slot: slot.id,
      attempt,
      ...size,
      ...(seconds !== undefined && { seconds }),
      ...(this.#input.isStaged(page.id) && { staged: true as const }),
    };
    const loadSeconds = this.#loadSeconds;
    this.#loadSeconds = undefined;
    const recorded = await recordSuccess(this.#run, this.#assignment, {
      page,
      outcome,
      output,
      end,
      loadSeconds,
    });
    this.#input.done(page.id);
    if (recorded.by === 'failed') this.#failed.push(recorded.failure);
    this.#isLeft ||= recorded.by === 'left';
  }

  /** Takes the program at its word where its log tells of a page. True where it says that the disk is full. */
  async #believeLog({ finished }: OneShotEnd): Promise<boolean> {
    if (!this.#log) return false;
    const told = await toldByLog(this.#run, this.#log, {
      pages: this.#open,
      untranslated: this.#untranslated,
      nameInBatch: this.#batch.nameOf,
      finish: (page, outcome) => this.#finish(page, { outcome, output: null }),
    });
    if (told === 'disk-full') return true;
    const failed = toldInOrder([...this.#batch.pages.values()], { told, finished });
    this.#failed.push(...(await blameSources(this.#run.inspector, failed)));
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

  #returned(): AttemptResult {
    return { by: 'returned', remaining: this.#open, failed: this.#failed };
  }

  /** True where it may have made its pages under names, or in a place, that nobody knows. */
  async #isKept(ended: OneShotEnd, { isDiskFull }: { isDiskFull: boolean }): Promise<boolean> {
    const last = ended.named.at(-1);
    const lastNamed = last === undefined ? undefined : this.#batch.nameOf(last);
    const left = { ...ended, lastNamed, isDiskFull, open: this.#open };
    const [run, batch] = [this.#run, this.#batch];
    if ((await keepUnnamed(run, batch, left)) || (await keepMisplaced(run, batch, left))) return true;
    return tellElsewhere(run, batch);
  }
}
