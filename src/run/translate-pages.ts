import path from 'node:path';
import { runTool } from '../devices/run-tool.ts';
import { sampleGpus } from '../devices/sample.ts';
import type { RunEvent } from '../model/events.ts';
import { fileTrouble } from '../model/file-trouble.ts';
import { tooManyOpenFiles } from '../model/open-files.ts';
import type { Page } from '../model/page.ts';
import { cannotRun, Refusal } from '../model/refusal.ts';
import type { RunOptions } from '../model/run-options.ts';
import { Stop } from '../model/stop.ts';
import { unlessStopped, untilStopped } from '../model/unless-stopped.ts';
import { Inspector } from '../pages/inspector.ts';
import { probeCaseFolding } from '../pages/output-name.ts';
import { noSightings, type Sightings } from '../pages/sightings.ts';
import type { RunSummary } from '../report/summary-schema.ts';
import { type Ledgers, LedgerWriter, ledgerName, readLedgers } from '../store/ledger/ledger.ts';
import { withRedactedOptions } from '../store/ledger/old-options.ts';
import { takeLock } from '../store/lock/lock.ts';
import { diskTrouble } from '../store/outputs/disk-errors.ts';
import { FileMover } from '../store/outputs/file-mover.ts';
import { OriginalsAtRisk } from '../store/outputs/originals-at-risk.ts';
import { PageRecorder } from '../store/outputs/recorder.ts';
import { StandIns } from '../store/outputs/stand-ins.ts';
import { beginOverwriting, endOverwriting } from '../store/resume/overwrite-marker.ts';
import { brokenLinesNotice } from '../store/resume/resume-notices.ts';
import { PageFinder, type SortedChunk } from '../store/resume/sort-pages.ts';
import { withCleanErrors } from './clean-errors.ts';
import { foldersFound } from './folders-found.ts';
import { noPages, pagesOfInputs } from './pages-of-inputs.ts';
import { type ResolvedRun, resolveRun, type Surroundings } from './resolve-run.ts';
import { type ContinueCommand, RunEvents } from './run-events.ts';
import { runSlots } from './run-slots.ts';
import { stoppedEarly } from './stopped-early.ts';

const SAMPLE_EVERY_MS = 10_000;

/** What a run is given besides its options. */
export interface RunDeps extends Surroundings {
  /** Asked to stop from outside; a run of its own where missing. */
  readonly stop?: Stop;
  /** Hears every event, in order. */
  readonly report?: (event: RunEvent) => void;
  /** The command that goes on with this run, for the summary. */
  readonly continueCommand?: ContinueCommand;
  /** Things that the user should know before the first page. */
  readonly notices?: readonly string[];
  /** How often the lock is touched and the GPUs are sampled, in milliseconds; 10 s where missing. */
  readonly heartbeatMs?: number;
}

/**
 * Translates pages: finds them, shares them out over the slots, and says what became of each. What goes wrong on the way
 * stands in the summary; a run that could not go on has exit code 3 and a message there. One that is asked to stop before
 * it holds the lock ends immediately, whatever it waits for, and leaves nothing behind.
 * @throws Refusal (2 or 3) where the run can't start; nothing is left behind then
 */
export async function translatePages(options: RunOptions, deps: RunDeps): Promise<RunSummary> {
  const stop = deps.stop ?? new Stop();
  const beganMs = performance.now();
  try {
    return await withCleanErrors(options, deps, () => translateUnlessStopped(options, { ...deps, stop }));
  } catch (error) {
    // Whatever else came of it: what the stop cut short has nothing to say.
    if (stop.hasBegun || !stop.drain.aborted) throw error;
    return stoppedEarly({ stop, seconds: (performance.now() - beganMs) / 1000, report: deps.report });
  }
}

async function translateUnlessStopped(
  options: RunOptions,
  deps: RunDeps & { readonly stop: Stop },
): Promise<RunSummary> {
  const { stop } = deps;
  const resolved = await unlessStopped(stop.drain, resolveRun(options, { ...deps, stop: stop.drain }));
  const seen = noSightings();
  const found = untilStopped(stop.drain, pagesOfInputs(resolved, options, seen, stop.drain));
  const chunks = await atLeastOnePage(found, resolved, seen);
  const { folders, run } = resolved;
  const theRun = new Run({ options, deps, resolved, stop });
  const lock = await takeLock({
    folder: folders.state,
    run,
    part: options.part,
    onLost: () => theRun.loseLock(),
    touchEveryMs: deps.heartbeatMs,
    stop: stop.drain,
  });
  try {
    stop.begin();
    return await theRun.go(chunks, lock.notices);
  } finally {
    await lock.release();
  }
}

/** The chunks, once it is certain that there is a page: an output folder for nothing would be left behind. */
async function atLeastOnePage(
  chunks: AsyncGenerator<Page[]>,
  resolved: ResolvedRun,
  seen: Sightings,
): Promise<AsyncGenerator<Page[]>> {
  const first = await chunks.next();
  if (first.done) throw noPages(resolved, seen);
  return (async function* () {
    yield first.value;
    yield* chunks;
  })();
}

/** What a run is made of once it holds the lock. */
interface RunParts {
  readonly options: RunOptions;
  readonly deps: RunDeps;
  readonly resolved: ResolvedRun;
  readonly stop: Stop;
}

/** One run from the lock to the summary. */
class Run {
  readonly #parts: RunParts;
  readonly #events: RunEvents;
  #trouble: unknown;

  constructor(parts: RunParts) {
    this.#parts = parts;
    this.#events = new RunEvents({ ...parts, ...parts.deps, fail: this.#fail });
  }

  async go(chunks: AsyncIterable<Page[]>, lockNotices: readonly string[]): Promise<RunSummary> {
    const { deps, resolved, options, stop } = this.#parts;
    const events = this.#events;
    events.started();
    for (const text of [...(deps.notices ?? []), ...resolved.warnings, ...lockNotices])
      events.notice('warn', text);
    stop.drain.addEventListener('abort', () => events.stopping(stop.reasons, this.#trouble), { once: true });
    const limit =
      options.maxTimeMs > 0 ? setTimeout(() => stop.ask('max-time'), options.maxTimeMs) : undefined;
    let ledger: LedgerWriter | undefined;
    try {
      const ledgers = withRedactedOptions(await readLedgers(resolved.folders.state), resolved.redact);
      for (const { level, text } of brokenLinesNotice(ledgers.broken)) events.notice(level, text);
      const { state } = resolved.folders;
      const foldsCase = await probeCaseFolding(state).catch((error: unknown) => {
        throw diskTrouble(error, state);
      });
      ledger = await this.#openLedger(ledgers.optionsByHash);
      await this.#work(chunks, { ledgers, ledger, foldsCase });
    } catch (error) {
      this.#fail(error);
    }
    clearTimeout(limit);
    await ledger?.close().catch((error) => this.#fail(error));
    return this.#finish();
  }

  /** Somebody else has taken the output over: nothing more may be written there than what is in flight. */
  loseLock(): void {
    const { folders } = this.#parts.resolved;
    this.#fail(
      cannotRun(
        `the lock of ${folders.output} is somebody else's now: this run had not touched it for a minute`,
        'see that only one run works there, then start again: it goes on from here',
      ),
    );
  }

  async #openLedger(known: ReadonlyMap<string, unknown>): Promise<LedgerWriter> {
    const { resolved, options } = this.#parts;
    const ledger = await LedgerWriter.open(path.join(resolved.folders.state, ledgerName(options.part)));
    if (!known.has(resolved.optionsHash)) {
      const time = new Date().toISOString();
      await ledger.append({ type: 'options', time, hash: resolved.optionsHash, options: resolved.shaping });
    }
    return ledger;
  }

  /** Everything between the first page found and the last worker gone. */
  async #work(
    chunks: AsyncIterable<Page[]>,
    { ledgers, ledger, foldsCase }: { ledgers: Ledgers; ledger: LedgerWriter; foldsCase: boolean },
  ): Promise<void> {
    const { resolved, options, stop, deps } = this.#parts;
    const mover = new FileMover({ assertFree: (folder) => resolved.originals.assertFree(folder) });
    const inspector = new Inspector();
    const links = { copy: options.link === 'copy' };
    const asked = { optionsHash: resolved.optionsHash, part: options.part };
    const overwriteSince =
      options.overwrite === 'all'
        ? await beginOverwriting(resolved.folders.state, { ...asked, now: new Date() })
        : undefined;
    const finder = new PageFinder(resolved, options, {
      ledgers,
      foldsCase,
      overwriteSince,
      stop: stop.drain,
    });
    const recorder = new PageRecorder({
      outputRoot: resolved.folders.output,
      ledger,
      emit: this.#events.emit,
      gpuOf: this.#events.gpuOf,
      optionsHash: resolved.optionsHash,
      mover,
      inspector,
      claims: finder.claims,
      foldsCase,
      standIns: new StandIns({
        outputRoot: resolved.folders.output,
        onFailed: options.onFailed,
        lastLineOf: (page) => ledgers.pages.get(page),
        standingOf: finder.standingOf,
      }),
    });
    const going = runSlots({
      options,
      resolved,
      env: deps.env,
      stop,
      emit: this.#events.emit,
      redact: resolved.redact.text,
      fail: this.#fail,
      recorder,
      mover,
      links,
      inspector,
      heartbeatMs: deps.heartbeatMs,
      todo: this.#pagesToDo(finder.sort(chunks), { finder, recorder, ledger }),
      earlier: {
        hasFailed: (page) => finder.hasFailed(page),
        hasDone: () => finder.tally.skipped > 0,
      },
    });
    const sampling = new AbortController();
    this.#sampleGpus(sampling.signal);
    await going.finally(() => {
      sampling.abort();
      return inspector.close();
    });
  }

  /** Tells from time to time how busy the cards are; models load first. */
  #sampleGpus(signal: AbortSignal): void {
    const { resolved, deps } = this.#parts;
    const { gpus, gpuTool: tool } = resolved;
    if (tool === undefined) return;
    const everyMs = deps.heartbeatMs ?? SAMPLE_EVERY_MS;
    const start = (): void =>
      void sampleGpus({
        gpus,
        tool,
        run: runTool,
        env: deps.env,
        everyMs,
        emit: this.#events.emit,
        signal,
      });
    const timer = setTimeout(start, everyMs).unref();
    signal.addEventListener('abort', () => clearTimeout(timer), { once: true });
  }

  /** The pages to do, as they are found; the others have their end here. */
  async *#pagesToDo(
    chunks: AsyncIterable<SortedChunk>,
    { finder, recorder, ledger }: { finder: PageFinder; recorder: PageRecorder; ledger: LedgerWriter },
  ): AsyncGenerator<readonly Page[]> {
    let pages = 0;
    let skipped = 0;
    // Files come in the order in which they were named, a folder's pages as they are walked.
    const anyOrder = this.#parts.resolved.inputs.entries.some(({ kind }) => kind !== 'folder');
    for await (const chunk of chunks) {
      pages += chunk.todo.length + chunk.skipped + chunk.unreadable.length + chunk.collisions.length;
      skipped += chunk.skipped;
      for (const folders of foldersFound(chunk)) {
        this.#events.emit({ type: 'folders-found', folders, ...(anyOrder && { anyOrder }) });
      }
      await Promise.all(chunk.lines.map((line) => ledger.append(line)));
      for (const page of chunk.unreadable) {
        await recorder.failed(page, 'unreadable', { attempt: 0, message: page.unreadable ?? '' });
      }
      for (const { page, with: other } of chunk.collisions) {
        await recorder.failed(page, 'collision', {
          attempt: 0,
          message: `its output would be that of ${other}`,
        });
      }
      if (chunk.todo.length > 0) yield chunk.todo;
      if (this.#parts.stop.drain.aborted) break;
    }
    for (const { level, text } of finder.notices) this.#events.notice(level, text);
    const more = !finder.isWhole;
    this.#events.emit({ type: 'pages-found', pages, skipped, ...(more && { more }) });
  }

  async #finish(): Promise<RunSummary> {
    const events = this.#events;
    const isOverwritten = await this.#endOverwriting();
    // What there is to say of them is said before the end.
    await events.drained();
    const trouble = this.#trouble;
    events.finished({ reasons: this.#parts.stop.reasons, trouble });
    await events.close();
    if (trouble !== undefined && !(trouble instanceof Refusal)) throw trouble;
    return events.summary({ isOverwritten });
  }

  /** True where `--overwrite all` made all pages anew: the next one begins anew, too. */
  async #endOverwriting(): Promise<boolean> {
    const { resolved, stop, options } = this.#parts;
    const isWhole = this.#events.counts.left === 0 && stop.reasons.size === 0 && this.#trouble === undefined;
    if (options.overwrite !== 'all' || !isWhole) return false;
    await endOverwriting(resolved.folders.state, options.part).catch((error: unknown) => {
      // Every page is done: that is no reason to call the run a failed one.
      const words = error instanceof Refusal ? error.lines.join('; ') : String(error);
      this.#events.notice('warn', `the next --overwrite all finds nothing to do: ${words}`);
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
