import { mkdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import pLimit from 'p-limit';
import type { Counts, Emit, Happening, RunEvent } from '../events.ts';
import { workerEnvironment } from '../gpus/slots.ts';
import type { RunOptions } from '../options.ts';
import { IMAGE_SUFFIXES } from '../pages/image-format.ts';
import { Inspector } from '../pages/inspector.ts';
import { probeCaseFolding } from '../pages/output-name.ts';
import type { Page, PageId } from '../pages/page.ts';
import { describeOthers, noSightings, type Sightings } from '../pages/sightings.ts';
import { Refusal, usageError } from '../refusal.ts';
import { keepLastRuns } from '../report/runs.ts';
import { SummaryBuilder } from '../report/summary.ts';
import type { RunSummary } from '../report/summary-schema.ts';
import { makeSchedule, needsCosts } from '../schedule/make-schedule.ts';
import { Guard } from '../workers/guard.ts';
import { Assignments } from './assignments.ts';
import { removeTree, withoutEqualStems } from './batch-folder.ts';
import { exitCodeOf } from './exit-code.ts';
import { type FoundPages, pagesOfPart, sortOutPages } from './find-pages.ts';
import { LedgerWriter, ledgerName, readLedgers } from './ledger.ts';
import { findLeftovers } from './leftovers.ts';
import { takeLock } from './lock.ts';
import { type OneShotRun, runOneShotSlot } from './one-shot-slot.ts';
import { diskTrouble, Placer } from './place.ts';
import { type PlannedRun, planRun, type Surroundings } from './plan-run.ts';
import { PageRecorder } from './recorder.ts';
import { type Redactor, redactor } from './redact.ts';
import { RunRecords } from './run-records.ts';
import { Stop } from './stop.ts';

/** What a run is given besides its options. */
export interface RunDeps extends Surroundings {
  /** Asked to stop from outside; a run of its own where missing. */
  readonly stop?: Stop;
  /** Hears every event, in order. */
  readonly report?: (event: RunEvent) => void;
  /** The command that goes on with this run, for the summary. */
  readonly continueCommand?: string;
  /** Things that the user should know before the first page. */
  readonly notices?: readonly string[];
}

/**
 * Translates pages: finds them, shares them out over the slots, and says what became of each. What goes wrong on the way
 * stands in the summary; a run that could not go on has exit code 3 and a message there.
 * @throws Refusal (2 or 3) where the run can't start; nothing is left behind then
 */
export async function translatePages(options: RunOptions, deps: RunDeps): Promise<RunSummary> {
  const redact = redactor(deps.env, options.translatorArgs);
  const planned = await planRun(options, deps, redact);
  const seen = noSightings();
  const chunks = await atLeastOnePage(pagesOfPart(planned, options, seen), planned, seen);
  const { folders, run } = planned;
  const stop = deps.stop ?? new Stop();
  const lock = await takeLock({
    folder: folders.state,
    run,
    part: options.part,
    onLost: () => stop.ask('cannot-go-on'),
  });
  try {
    return await new Run({ options, deps, planned, redact, stop }).go(chunks, lock.notices);
  } finally {
    await lock.release();
  }
}

/** The chunks, once it is certain that there is a page: an output folder for nothing would be left behind. */
async function atLeastOnePage(
  chunks: AsyncGenerator<Page[]>,
  { inputs }: PlannedRun,
  seen: Sightings,
): Promise<AsyncGenerator<Page[]>> {
  const first = await chunks.next();
  if (first.done) {
    const where = inputs.singleFolder ?? 'the inputs';
    throw usageError(
      `no page images in ${where}: seen there: ${describeOthers(seen)}`,
      `pages end in ${IMAGE_SUFFIXES.join(' ')}`,
    );
  }
  return (async function* () {
    yield first.value;
    yield* chunks;
  })();
}

/** What a run is made of once it holds the lock. */
interface RunParts {
  readonly options: RunOptions;
  readonly deps: RunDeps;
  readonly planned: PlannedRun;
  readonly redact: Redactor;
  readonly stop: Stop;
}

/** One run from the lock to the summary. */
class Run {
  readonly #parts: RunParts;
  readonly #records: RunRecords;
  readonly #summary = new SummaryBuilder();
  readonly #startedMs = performance.now();
  #trouble: unknown;

  constructor(parts: RunParts) {
    this.#parts = parts;
    this.#records = new RunRecords(parts.planned.folders, ({ message }) =>
      this.#notice('warn', `logs can't be written any more: ${message}`),
    );
  }

  async go(chunks: AsyncIterable<Page[]>, lockNotices: readonly string[]): Promise<RunSummary> {
    const { deps, planned, options, stop } = this.#parts;
    this.#tellStart();
    for (const text of [...(deps.notices ?? []), ...planned.warnings, ...lockNotices])
      this.#notice('warn', text);
    const limit =
      options.maxTimeMs > 0 ? setTimeout(() => stop.ask('max-time'), options.maxTimeMs) : undefined;
    let found: FoundPages | undefined;
    let ledger: LedgerWriter | undefined;
    try {
      const ledgers = await readLedgers(planned.folders.state);
      if (ledgers.broken > 0)
        this.#notice('warn', `${ledgers.broken} lines of the ledger can't be read and are passed over`);
      const foldsCase = await probeCaseFolding(planned.folders.state);
      found = await sortOutPages(chunks, planned, options, { ledgers, foldsCase });
      ledger = await this.#openLedger(found, ledgers.optionsByHash);
      for (const { level, text } of found.notices) this.#notice(level, text);
      this.#emit({ type: 'pages-found', pages: found.pages, skipped: found.skipped });
      await this.#work(found, ledger, foldsCase);
    } catch (error) {
      this.#fail(error);
    }
    clearTimeout(limit);
    await ledger?.close().catch((error) => this.#fail(error));
    return this.#finish();
  }

  async #openLedger(found: FoundPages, known: ReadonlyMap<string, unknown>): Promise<LedgerWriter> {
    const { planned, options } = this.#parts;
    const ledger = await LedgerWriter.open(path.join(planned.folders.state, ledgerName(options.part)));
    if (!known.has(planned.optionsHash)) {
      const time = new Date().toISOString();
      await ledger.append({ type: 'options', time, hash: planned.optionsHash, options: planned.shaping });
    }
    await Promise.all(found.lines.map((line) => ledger.append(line)));
    return ledger;
  }

  /** Everything between the pages found and the last worker gone. */
  async #work(found: FoundPages, ledger: LedgerWriter, foldsCase: boolean): Promise<void> {
    const { planned, options, redact, stop, deps } = this.#parts;
    const { folders, slots, optionsHash } = planned;
    const placer = new Placer();
    const recorder = new PageRecorder({
      outputRoot: folders.output,
      ledger,
      emit: this.#emit,
      optionsHash,
      onFailed: options.onFailed,
      placer,
      claims: found.claims,
      foldsCase,
      standInOf: (page) => page,
    });
    for (const page of found.unreadable) {
      await recorder.failed(page, 'unreadable', {
        attempt: 0,
        ...(page.unreadable !== undefined && { message: page.unreadable }),
      });
    }
    for (const { page, with: other } of found.collisions) {
      await recorder.failed(page, 'collision', {
        attempt: 0,
        message: `its output would be that of ${other}`,
      });
    }
    const todo = await this.#gatherLeftovers(found.todo, recorder);
    if (todo.length === 0) return removeTree(folders.work);

    const inspector = new Inspector();
    const guard = new Guard();
    const used = slots.slice(0, todo.length);
    try {
      await mkdir(folders.work, { recursive: true }).catch((error) => {
        throw diskTrouble(error, folders.work);
      });
      const costOf = needsCosts(planned.strategy) ? await this.#measure(todo, inspector) : () => 1;
      const schedule = makeSchedule(planned.strategy, { pages: todo, slots: used, costOf, order: options.order });
      const inTurn = pLimit(1);
      const run: OneShotRun = {
        options,
        optionsHash,
        outputRoot: folders.output,
        workRoot: folders.work,
        assignments: new Assignments({
          schedule,
          slots: used,
          retries: options.retries,
          mayShareBatch: withoutEqualStems,
        }),
        recorder,
        placer,
        inspector,
        links: { copy: options.link === 'copy' },
        guard,
        environmentOf: (slot) =>
          workerEnvironment({ slot, slots: used, env: deps.env, cores: availableParallelism() }),
        emit: this.#emit,
        stop,
        redact: redact.text,
        fail: this.#fail,
        fillInTurn: (fill) => inTurn(fill),
        removals: new Set(),
        translator: planned.translator,
      };
      const close = (): void => run.assignments.close();
      if (stop.drain.aborted) close();
      stop.drain.addEventListener('abort', close, { once: true });
      await Promise.all(used.map((slot) => runOneShotSlot(slot, run)));
      stop.drain.removeEventListener('abort', close);
      await Promise.all(run.removals);
      if (stop.reason !== 'cannot-go-on') await removeTree(folders.work);
    } finally {
      inspector.close();
      guard.close();
    }
  }

  /** Records what a killed run had made and not recorded, then clears its work folder. Returns the pages still to do. */
  async #gatherLeftovers(pages: readonly Page[], recorder: PageRecorder): Promise<readonly Page[]> {
    const { planned } = this.#parts;
    const { folders, optionsHash } = planned;
    if (!folders.existed) return pages;
    const todo = new Map<PageId, Page>(pages.map((page) => [page.id, page]));
    const leftovers = await findLeftovers(folders.work, { todo, optionsHash });
    for (const { page, output, stamp } of leftovers) {
      recorder.remember(page.id, stamp);
      const message = 'gathered from the work folder of a run that was killed';
      const other = await recorder.finished(page, 'translated', output, { attempt: 0, message });
      if (other === undefined) todo.delete(page.id);
    }
    await removeTree(folders.work);
    return leftovers.length === 0 ? pages : [...todo.values()];
  }

  async #measure(pages: readonly Page[], inspector: Inspector): Promise<(page: PageId) => number> {
    const found = await inspector.inspect(pages, { measure: true });
    const pixels = new Map<PageId, number>();
    for (const [index, page] of pages.entries()) {
      const inspection = found[index];
      if (inspection?.ok && inspection.size)
        pixels.set(page.id, inspection.size.width * inspection.size.height);
    }
    const known = [...pixels.values()];
    // A page whose size can't be read is still tried: it counts as an average one.
    const average = known.reduce((sum, one) => sum + one, 0) / Math.max(1, known.length) || 1;
    return (page) => pixels.get(page) ?? average;
  }

  #tellStart(): void {
    const { planned, options, redact } = this.#parts;
    const { run, gpus, slots, strategy, translator } = planned;
    this.#emit({
      type: 'run-started',
      v: 1,
      run,
      gpus: gpus.map(({ index, name, uuid, memoryTotalBytes }) => ({
        index,
        ...(name !== undefined && { name }),
        ...(uuid !== undefined && { uuid }),
        ...(memoryTotalBytes !== undefined && { memoryTotalBytes }),
      })),
      slots: slots.map(({ id }) => id),
      strategy,
      translator: translator.name,
      options: redact.options({ ...options }),
    });
  }

  async #finish(): Promise<RunSummary> {
    const { planned, stop, deps, options } = this.#parts;
    const { folders } = planned;
    const sofar = this.#summary.summary();
    const trouble = this.#trouble;
    const counts: Counts = sofar.counts;
    const stopped = stop.reason === 'cannot-go-on' ? undefined : stop.reason;
    const message =
      trouble instanceof Refusal
        ? [trouble.message, ...(trouble.hint === undefined ? [] : [trouble.hint])].join('\n')
        : undefined;
    this.#emit({
      type: 'run-finished',
      counts,
      seconds: Math.round(performance.now() - this.#startedMs) / 1000,
      exitCode: exitCodeOf({
        counts,
        stopped,
        cannotGoOn: trouble !== undefined || stop.reason === 'cannot-go-on',
      }),
      ...(message !== undefined && { message }),
      gpus: sofar.gpus.map(({ gpu, pages, busySeconds, loads }) => ({ gpu, pages, busySeconds, loads })),
    });
    await this.#records.close();
    await keepLastRuns({ folder: path.dirname(folders.run), going: [planned.run] });
    if (trouble !== undefined && !(trouble instanceof Refusal)) throw trouble;
    return this.#summary.summary({
      paths: {
        output: folders.output,
        logs: folders.logs,
        ledger: path.join(folders.state, ledgerName(options.part)),
      },
      ...(deps.continueCommand !== undefined && { continueCommand: deps.continueCommand }),
      warm: false,
    });
  }

  /** The run can't go on: pages in flight finish, no new ones begin. The first reason is the one that is told. */
  readonly #fail = (error: unknown): void => {
    this.#trouble ??= error;
    this.#parts.stop.ask('cannot-go-on');
  };

  readonly #emit: Emit = (happening: Happening) => {
    const event: RunEvent = { ...happening, time: new Date().toISOString() };
    this.#summary.add(event);
    this.#records.report(event);
    this.#parts.deps.report?.(event);
  };

  #notice(level: 'info' | 'warn', text: string): void {
    this.#emit({ type: 'notice', level, text });
  }
}
