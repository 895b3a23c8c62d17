import path from 'node:path';
import pLimit from 'p-limit';
import type { Emit } from '../events.ts';
import type { Slot } from '../gpus/gpu.ts';
import type { RunOptions } from '../options.ts';
import type { Inspector } from '../pages/inspector.ts';
import type { Page, PageId } from '../pages/page.ts';
import { cannotRun, Refusal } from '../refusal.ts';
import { LineLevels } from '../report/line-level.ts';
import type { OneShotTranslator } from '../translators/translator.ts';
import type { FoundOutput } from '../workers/batch-outputs.ts';
import type { Guard } from '../workers/guard.ts';
import { mainLine } from '../workers/last-words.ts';
import { type OneShotEnd, OneShotWorker } from '../workers/one-shot.ts';
import { endInWords } from '../workers/worker-process.ts';
import type { Assignments, Consequences, Failed, LostWorker, Work } from './assignments.ts';
import { BatchFolder, type LinkMode } from './batch-folder.ts';
import { failureOf } from './one-shot-failure.ts';
import type { Placer } from './place.ts';
import type { PageRecorder } from './recorder.ts';
import type { Stop } from './stop.ts';

/** A child's last lines that a run's last message carries. */
const SHOWN_LINES = 6;

/** What the slots of a one-shot run share. */
export interface OneShotRun {
  readonly options: RunOptions;
  readonly optionsHash: string;
  readonly outputRoot: string;
  /** Where batches are made: `SLOT/BATCH` stands below it. */
  readonly workRoot: string;
  readonly assignments: Assignments;
  readonly recorder: PageRecorder;
  readonly placer: Placer;
  readonly inspector: Inspector;
  readonly links: LinkMode;
  readonly guard: Guard;
  readonly environmentOf: (slot: Slot) => Readonly<Record<string, string>>;
  readonly emit: Emit;
  readonly stop: Stop;
  /** Takes secrets out of a text. */
  readonly redact: (text: string) => string;
  /** Ends the run: it can't go on. */
  readonly fail: (error: unknown) => void;
  /** One batch is filled at a time: the first child starts sooner, the last no later. */
  readonly fillInTurn: <T>(fill: () => Promise<T>) => Promise<T>;
  /** Removals of old batches, to be awaited at the end. */
  readonly removals: Set<Promise<void>>;
  /** Changes once, where the program refuses an argument of ours. */
  translator: OneShotTranslator;
}

/** Works on a slot with one child after another until there is nothing left for it. */
export async function runOneShotSlot(slot: Slot, run: OneShotRun): Promise<void> {
  let batch = 0;
  for (let work = await run.assignments.next(slot); work; work = await run.assignments.next(slot)) {
    batch += 1;
    const folder = new BatchFolder(path.join(run.workRoot, slot.id, String(batch)));
    try {
      await new BatchAtWork(slot, work, folder, run).finish();
    } catch (error) {
      run.fail(error);
      run.assignments.handedBack(slot, work.pages);
    }
    // What could not be recorded stays: the next run gathers it.
    if (run.stop.reason !== 'cannot-go-on') track(run.removals, folder.remove());
  }
}

const track = (all: Set<Promise<void>>, one: Promise<void>): void => {
  all.add(one);
  void one.finally(() => all.delete(one));
};

/** One batch on its way through one child. */
class BatchAtWork {
  readonly #slot: Slot;
  readonly #work: Work;
  readonly #folder: BatchFolder;
  readonly #run: OneShotRun;
  readonly #pages = new Map<PageId, Page>();

  constructor(slot: Slot, work: Work, folder: BatchFolder, run: OneShotRun) {
    this.#slot = slot;
    this.#work = work;
    this.#folder = folder;
    this.#run = run;
  }

  async finish(): Promise<void> {
    const { assignments, stop } = this.#run;
    const ready = await this.#prepare();
    if (ready.length === 0) return assignments.handedBack(this.#slot, []);
    if (stop.drain.aborted) return assignments.handedBack(this.#slot, ready);
    const { translator } = this.#run;
    const outputFolder = translator.outputsOf(this.#folder);
    const ended = await this.#runChild(translator, ready, outputFolder);
    const done = new Set(ended.finished);
    const undone = ready.filter((page) => !done.has(page.id));
    await this.#checkSources(undone);
    await this.#moveOthers(ended.others, outputFolder);
    await this.#conclude(translator, ready, undone, ended);
  }

  /** Links the pages into the batch; those that are no images have their end here, without a child. */
  async #prepare(): Promise<Page[]> {
    const { inspector, links, optionsHash, options, recorder, fillInTurn } = this.#run;
    const { ready, unreadable } = await fillInTurn(() =>
      this.#folder.fill(this.#work.pages, { inspector, links, options: optionsHash, format: options.format }),
    );
    for (const { page, message } of unreadable)
      await recorder.failed(page, 'unreadable', { attempt: 0, message });
    for (const { page, stamp } of ready) {
      recorder.remember(page.id, stamp);
      this.#pages.set(page.id, page);
    }
    return ready.map(({ page }) => page);
  }

  async #runChild(
    translator: OneShotTranslator,
    pages: readonly Page[],
    outputFolder: string,
  ): Promise<OneShotEnd> {
    const { options, emit, stop, guard, environmentOf } = this.#run;
    const slot = this.#slot.id;
    const levels = { stdout: new LineLevels(), stderr: new LineLevels() };
    let startedMs: number | undefined = performance.now();
    const worker = new OneShotWorker({
      command: translator.command(this.#folder, this.#slot),
      pages,
      inputFolder: this.#folder.input,
      outputFolder,
      format: options.format,
      env: environmentOf(this.#slot),
      guard,
      pageTimeoutMs: options.pageTimeoutMs,
      startTimeoutMs: options.startTimeoutMs,
      tell: {
        line: (stream, text) => {
          const level = levels[stream].levelOf(text);
          emit({ type: 'worker-log', slot, stream, text: this.#run.redact(text), level });
        },
        pageStarted: (page) => {
          emit({ type: 'page-started', page, slot, attempt: this.#work.attempt });
          if (startedMs !== undefined) this.#run.assignments.loaded(this.#slot, (performance.now() - startedMs) / 1000);
          startedMs = undefined;
        },
        output: (found, seconds) => this.#record(found, seconds),
      },
    });
    if (worker.pid !== undefined) {
      emit({ type: 'worker-started', slot, gpu: this.#slot.gpu?.index ?? null, pid: worker.pid });
    }
    const drain = (): void => worker.drain();
    const kill = (): void => worker.kill();
    stop.drain.addEventListener('abort', drain, { once: true });
    stop.kill.addEventListener('abort', kill, { once: true });
    if (stop.kill.aborted) kill();
    else if (stop.drain.aborted) drain();
    const ended = await worker.ended;
    stop.drain.removeEventListener('abort', drain);
    stop.kill.removeEventListener('abort', kill);
    const { end } = ended;
    if (worker.pid !== undefined) {
      emit({
        type: 'worker-exited',
        slot,
        exitCode: end.by === 'exit' ? end.code : null,
        signal: end.by === 'signal' ? end.signal : null,
        pages: ended.finished.length,
      });
    }
    return ended;
  }

  async #record(found: FoundOutput, seconds: number | undefined): Promise<void> {
    const { recorder, assignments, fail } = this.#run;
    const page = this.#pages.get(found.page);
    if (!page) return;
    const end = {
      slot: this.#slot.id,
      attempt: this.#work.attempt,
      ...(seconds !== undefined && { seconds }),
    };
    try {
      const other = await recorder.finished(page, 'translated', found, end);
      if (other === undefined) this.#bench(assignments.finished(this.#slot, page.id, seconds));
      else
        await recorder.failed(page, 'collision', {
          ...end,
          message: `${found.name} is the output of ${other} already`,
        });
    } catch (error) {
      if (error instanceof Refusal) return fail(error);
      const { message } = error as Error;
      await recorder.failed(page, 'error', { ...end, message }).catch(fail);
    }
  }

  /** A translator that writes over its input has destroyed originals: nothing more of that. */
  async #checkSources(pages: readonly Page[]): Promise<void> {
    if (this.#run.links.copy) return;
    const inTurn = pLimit(16);
    await Promise.all(pages.map((page) => inTurn(() => this.#run.recorder.assertUntouched(page))));
  }

  /** Files beside the outputs go where these went; nothing is put in the place of a page. */
  async #moveOthers(others: readonly string[], outputFolder: string): Promise<void> {
    const { placer, outputRoot, recorder, fail } = this.#run;
    for (const name of others) {
      if (recorder.isPlaceOfPage(name) || name.startsWith('.mgpu')) continue;
      await placer.move(path.join(outputFolder, name), path.join(outputRoot, name)).catch((error) => {
        if (error instanceof Refusal) fail(error);
      });
    }
  }

  async #conclude(
    translator: OneShotTranslator,
    pages: readonly Page[],
    undone: readonly Page[],
    ended: OneShotEnd,
  ): Promise<void> {
    const { assignments, options, fail } = this.#run;
    const alone = pages.length === 1;
    const stopped = ended.endedBy === 'drain' || ended.endedBy === 'kill';
    if (ended.end.by === 'no-start') {
      const { file } = translator.command(this.#folder, this.#slot);
      fail(
        cannotRun(
          `can't start ${file}: ${ended.end.message}`,
          'name a program that is there and may be executed',
        ),
      );
    }
    if (alone && (undone.length === 0 || stopped || ended.end.by === 'no-start')) {
      return assignments.handedBack(this.#slot, undone);
    }
    if (ended.finished.length === 0 && !stopped && this.#concede(translator, ended)) {
      return assignments.handedBack(this.#slot, undone);
    }
    const lost = undone.length === 0 || stopped ? undefined : this.#lostWorker(ended);
    const [page] = undone;
    if (alone && page && lost) {
      const { reason, message } = failureOf(ended, ended.broken.get(page.id), options);
      await this.#follow(
        assignments.loneFailed(this.#slot, page, { reason, message: this.#run.redact(message), lost }),
        ended,
      );
    } else await this.#follow(assignments.batchEnded(this.#slot, { pages, ...ended }, lost), ended);
  }

  #lostWorker(ended: OneShotEnd): LostWorker {
    const words = this.#run.redact(mainLine(ended.lastLines));
    const withoutSign = ended.finished.length === 0 && ended.named.length === 0 && ended.broken.size === 0;
    return { withoutSign, lastWords: words === '' ? endInWords(ended.end) : words };
  }

  /** Goes on without an argument that the program refused. False where it refused none. */
  #concede(translator: OneShotTranslator, { end, lastLines }: OneShotEnd): boolean {
    const concession = translator.afterRefusal(end.by === 'exit' ? end.code : null, lastLines);
    if (!concession) return false;
    if (this.#run.translator === translator) {
      this.#run.translator = concession.translator;
      this.#run.emit({ type: 'notice', level: 'warn', text: concession.notice });
    }
    return true;
  }

  async #follow({ failed, retried, benched }: Consequences, { end, lastLines }: OneShotEnd): Promise<void> {
    const { assignments, emit, fail } = this.#run;
    for (const { page, reason, message, attempts } of retried) {
      emit({ type: 'page-retried', page: page.id, slot: this.#slot.id, attempt: attempts, reason, message });
    }
    await this.#recordFailures(failed, this.#slot.id);
    this.#bench(benched);
    if (end.by === 'stuck' && assignments.bench(this.#slot.gpu?.index ?? null)) {
      emit({
        type: 'gpu-benched',
        gpu: this.#slot.gpu?.index ?? null,
        reason: 'a worker stayed after SIGKILL',
      });
    }
    const { allBenched, hopeless } = assignments;
    await this.#recordFailures(assignments.stranded(), undefined);
    if (hopeless !== undefined) {
      const lines = lastLines.slice(-SHOWN_LINES).map((line) => `\n  | ${this.#run.redact(line)}`);
      fail(
        cannotRun(`every worker ends the same way, and no page was finished: ${hopeless}${lines.join('')}`),
      );
    } else if (allBenched)
      fail(
        cannotRun('no usable GPU is left: each was benched', "see the workers' logs for their last words"),
      );
  }

  async #recordFailures(failed: readonly Failed[], slot: string | undefined): Promise<void> {
    for (const { page, reason, message, attempts } of failed) {
      const end = { attempt: attempts, message, ...(slot !== undefined && { slot }) };
      await this.#run.recorder.failed(page, reason, end);
    }
  }

  #bench(gpus: readonly (number | null)[]): void {
    for (const gpu of gpus) {
      this.#run.emit({
        type: 'gpu-benched',
        gpu,
        reason: 'three workers in a row ended there without a page',
      });
    }
  }
}
