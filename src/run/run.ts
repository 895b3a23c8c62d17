import { fileTrouble } from '../model/file-trouble.ts';
import { tooManyOpenFiles } from '../model/open-files.ts';
import type { Page } from '../model/page.ts';
import { cannotRun, Refusal } from '../model/refusal.ts';
import type { RunOptions } from '../model/run-options.ts';
import type { Stop } from '../model/stop.ts';
import { type Folding, probeFolding } from '../pages/output-name.ts';
import type { Sightings } from '../pages/sightings.ts';
import type { RunSummary } from '../report/summary-schema.ts';
import { keepCosts } from '../store/costs/costs-file.ts';
import { type Ledgers, type LedgerWriter, readLedgers } from '../store/ledger/ledger.ts';
import { withRedactedOptions } from '../store/ledger/old-options.ts';
import { areOfDemo } from '../store/ledger/options-hash.ts';
import { diskTrouble } from '../store/outputs/disk-errors.ts';
import { NameCheck } from '../store/outputs/name-check.ts';
import { OriginalsAtRisk } from '../store/outputs/originals-at-risk.ts';
import { endOverwriting } from '../store/resume/overwrite-marker.ts';
import { brokenLinesNotice } from '../store/resume/resume-notices.ts';
import type { OutputNaming } from '../workers/output-naming.ts';
import { archiveWorks } from './archives-of-run.ts';
import { costsKey } from './costs-key.ts';
import { earlierCosts } from './earlier-costs.ts';
import { HtmlOfRun } from './html-of-run.ts';
import { knownRefusal } from './known-refusal.ts';
import { openLedger } from './ledger-of-run.ts';
import { namingOfRun } from './naming-of-run.ts';
import { pagesToDo } from './pages-to-do.ts';
import type { ResolvedRun } from './resolve-run.ts';
import type { RunDeps } from './run-deps.ts';
import { RunEvents } from './run-events.ts';
import { runSlots } from './run-slots.ts';
import { sampleWhile } from './sample-while.ts';
import { SampledPages } from './sampled-pages.ts';
import { Spending } from './spending.ts';
import { storeOfRun } from './store-of-run.ts';

/** What a run is made of once it holds the lock. */
interface RunParts {
  readonly options: RunOptions;
  readonly deps: RunDeps;
  readonly resolved: ResolvedRun;
  /** What the walk sees beside pages, as far as it has come. */
  readonly seen: Sightings;
  readonly stop: Stop;
}

/** One run from the lock to the summary. */
export class Run {
  readonly #parts: RunParts;
  readonly #events: RunEvents;
  readonly #html: HtmlOfRun;
  #trouble: unknown;
  #naming: OutputNaming | undefined;
  readonly #spending: Spending;

  constructor(parts: RunParts) {
    this.#parts = parts;
    this.#html = new HtmlOfRun(parts);
    const onLastPages = (): void => this.#html.prepare();
    this.#events = new RunEvents({ ...parts, ...parts.deps, fail: this.#fail, onLastPages });
    this.#spending = new Spending({
      most: parts.options.maxCost,
      onReached: () => parts.stop.ask('max-cost'),
      emit: this.#events.emit,
    });
  }

  async go(chunks: AsyncIterable<Page[]>, lockNotices: readonly string[]): Promise<RunSummary> {
    const { deps, resolved, options, stop } = this.#parts;
    const events = this.#events;
    events.started();
    for (const text of [...(deps.notices ?? []), ...resolved.warnings, ...lockNotices])
      events.notice('warn', text);
    stop.drain.addEventListener('abort', () => events.stopping(stop.reasons, this.#trouble), { once: true });
    const limit =
      options.maxTimeMs > 0
        ? setTimeout(() => stop.ask('max-time'), Math.max(1, options.maxTimeMs - resolved.waitedMs))
        : undefined;
    let ledger: LedgerWriter | undefined;
    try {
      const ledgers = withRedactedOptions(await readLedgers(resolved.folders.state), resolved.redact);
      for (const { level, text } of brokenLinesNotice(ledgers.broken)) events.notice(level, text);
      const { state } = resolved.folders;
      const folding = await probeFolding(state).catch((error: unknown) => {
        throw diskTrouble(error, state);
      });
      ledger = await openLedger(this.#parts, ledgers.optionsByHash);
      await this.#work(chunks, { ledgers, ledger, folding });
    } catch (error) {
      this.#fail(error);
    }
    clearTimeout(limit);
    await ledger?.close().catch((error) => this.#fail(error));
    return this.#finish();
  }

  /** The lock was removed, or another run took the output over: nothing more may be written there than what is in flight. */
  loseLock(): void {
    const { folders } = this.#parts.resolved;
    this.#fail(
      cannotRun(
        `the lock of ${folders.output} is no longer this run's: another run took it over, or it was removed`,
        'make sure that only one run uses this output, then run the same command to resume',
      ),
    );
  }

  /** Everything between the first page found and the last worker gone. */
  async #work(
    chunks: AsyncIterable<Page[]>,
    { ledgers, ledger, folding }: { ledgers: Ledgers; ledger: LedgerWriter; folding: Folding },
  ): Promise<void> {
    const { resolved, options, seen, stop, deps } = this.#parts;
    const { mover, inspector, links, finder, packer, recorder } = await storeOfRun(this.#parts, {
      ledgers,
      ledger,
      folding,
      events: this.#events,
      spending: this.#spending,
      fail: this.#fail,
    });
    const earlier = await earlierCosts({ resolved, options, ledgers, env: deps.env });
    const timedBefore = earlier.costs.timed;
    const { costs } = earlier;
    const sample =
      options.sample === undefined
        ? undefined
        : new SampledPages({ count: options.sample, costs, inspector });
    const naming = namingOfRun(resolved, ledgers, ledger);
    this.#naming = naming;
    const sampling = new AbortController();
    const refusal = knownRefusal(resolved.optionsHash, ledgers, ledger);
    const going = runSlots({
      options,
      resolved,
      env: deps.env,
      cwd: deps.cwd,
      stop,
      emit: this.#events.emit,
      listen: this.#events.listen,
      redact: resolved.redact.text,
      fail: this.#fail,
      recorder,
      naming,
      refusal,
      mover,
      links,
      inspector,
      costs,
      spending: this.#spending,
      areCostsKnown: earlier.measured !== undefined,
      heartbeatMs: deps.heartbeatMs,
      childEnding: deps.childEnding,
      sampleBy: (cards) => {
        void sampleWhile(sampling.signal, cards, { everyMs: deps.heartbeatMs, emit: this.#events.emit });
      },
      todo: pagesToDo(sample ? sample.of(finder.sort(chunks)) : finder.sort(chunks), {
        finder,
        recorder,
        ledger,
        names: new NameCheck(resolved.folders.run),
        packer,
        ...archiveWorks(resolved, options, { mover, ledger, emit: this.#events.emit }),
        events: this.#events,
        seen,
        // Files come in the order in which they were named, a folder's pages as they are walked.
        anyOrder: sample !== undefined || resolved.inputs.entries.some(({ kind }) => kind !== 'folder'),
        ...(sample && { restOf: () => sample.rest.length }),
        stop: stop.drain,
      }),
      earlier: {
        hasFailed: (page) => finder.hasFailed(page),
        hasDone: () => finder.tally.skipped > 0,
      },
    });
    try {
      await going;
      sample?.tellRest(this.#events, { resolved, options });
    } finally {
      await packer?.finish();
      if (earlier.costs.timed > timedBefore && !areOfDemo(resolved.shaping))
        await keepCosts(deps.env, costsKey(resolved, options), earlier.costs.known);
      sampling.abort();
      await inspector.close();
    }
  }

  async #finish(): Promise<RunSummary> {
    const events = this.#events;
    const isOverwritten = await this.#endOverwriting();
    // What there is to say of them is said before the end.
    await events.drained();
    const trouble = this.#trouble;
    events.finished({ reasons: this.#parts.stop.reasons, trouble, cost: this.#spending.total });
    await events.close();
    const html = await this.#html.write();
    if (trouble !== undefined && !(trouble instanceof Refusal)) throw trouble;
    const options = { ...this.#naming?.suggestedOptions, ...trouble?.resumeWith };
    return { ...events.summary({ isOverwritten, options }), ...html };
  }

  /** True where `--overwrite all` made all pages anew: the next one begins anew, too. */
  async #endOverwriting(): Promise<boolean> {
    const { resolved, stop, options } = this.#parts;
    const isWhole = this.#events.counts.left === 0 && stop.reasons.size === 0 && this.#trouble === undefined;
    if (options.overwrite !== 'all' || !isWhole || options.sample !== undefined) return false;
    await endOverwriting(resolved.folders.state, options.part).catch((error: unknown) => {
      // Every page is done: that is no reason to call the run a failed one.
      const words = error instanceof Refusal ? error.lines.join('; ') : String(error);
      this.#events.notice('warn', `The next --overwrite all will find nothing to do: ${words}.`);
    });
    return true;
  }

  /** The run can't go on: pages in flight finish, no new ones begin. The first reason is the one that is told. */
  readonly #fail = (error: unknown): void => {
    this.#trouble ??= tooManyOpenFiles(error) ?? fileTrouble(error) ?? error;
    if (error instanceof OriginalsAtRisk) this.#parts.stop.insist('cannot-go-on');
    else this.#parts.stop.ask('cannot-go-on');
  };
}
