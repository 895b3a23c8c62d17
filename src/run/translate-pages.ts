import type { Page } from '../model/page.ts';
import type { RunOptions } from '../model/run-options.ts';
import { steadyTime } from '../model/steady-clock.ts';
import { Stop } from '../model/stop.ts';
import { unlessStopped, untilStopped } from '../model/unless-stopped.ts';
import { noSightings, type Sightings } from '../pages/sightings.ts';
import type { RunSummary } from '../report/summary-schema.ts';
import { readLedgers } from '../store/ledger/ledger.ts';
import { takeLock } from '../store/lock/lock.ts';
import { archiveReading } from './archives-of-run.ts';
import { withCleanErrors } from './clean-errors.ts';
import { noPages, pagesOfInputs } from './pages-of-inputs.ts';
import { type ResolvedRun, resolveRun } from './resolve-run.ts';
import type { RunDeps } from './run-deps.ts';
import { stoppedEarly } from './stopped-early.ts';

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
  const tell = (text: string): void =>
    deps.report?.({ type: 'notice', level: 'info', text, time: steadyTime() });
  const gpuWait = { tell, outOfTime: () => stop.ask('max-time'), everyMs: deps.heartbeatMs };
  const resolution = resolveRun(options, { ...deps, stop: stop.drain, gpuWait });
  const resolving = unlessStopped(stop.drain, resolution);
  // Nobody waits for a run that was stopped by then: what it is connected to is let go when it comes.
  resolving.catch(() => void resolution.then(({ cluster }) => cluster?.close()).catch(() => {}));
  // The logger is loaded with it, while tools are asked for GPUs: `--version` and an import of the library do without.
  const [resolved, { Run }] = await Promise.all([resolving, import('./run.ts')]);
  try {
    return await translateResolved(resolved, Run, options, { ...deps, stop });
  } finally {
    await resolved.cluster?.close();
  }
}

async function translateResolved(
  resolved: ResolvedRun,
  Run: typeof import('./run.ts').Run,
  options: RunOptions,
  deps: RunDeps & { readonly stop: Stop },
): Promise<RunSummary> {
  const { stop } = deps;
  const seen = noSightings();
  const archives = archiveReading(resolved, options, () => readLedgers(resolved.folders.state));
  const found = untilStopped(
    stop.drain,
    pagesOfInputs(resolved, options, seen, { archives, stop: stop.drain }),
  );
  const chunks = await atLeastOnePage(found, resolved, seen);
  const { folders, run } = resolved;
  const theRun = new Run({ options, deps, resolved, seen, stop });
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
