import { availableParallelism } from 'node:os';
import pLimit from 'p-limit';
import { workerEnvironment } from '../devices/slots.ts';
import { Dispatcher } from '../dispatch/dispatcher.ts';
import type { EarlierOutcomes } from '../dispatch/earlier-outcomes.ts';
import { LoadGate } from '../dispatch/load-gate.ts';
import type { Emit } from '../model/events.ts';
import type { Page, PageId } from '../model/page.ts';
import { folderOf } from '../model/page.ts';
import { cannotRun } from '../model/refusal.ts';
import type { RunOptions } from '../model/run-options.ts';
import type { Slot } from '../model/slot.ts';
import type { Stop } from '../model/stop.ts';
import type { Inspector } from '../pages/inspector.ts';
import { DynamicSchedule } from '../schedule/dynamic.ts';
import { makeSchedule, needsCosts } from '../schedule/make-schedule.ts';
import { PageCosts } from '../schedule/page-costs.ts';
import type { Schedule } from '../schedule/strategy.ts';
import { batchNamesOf, type LinkMode, withoutEqualStems } from '../store/outputs/batch-folder.ts';
import type { FileMover } from '../store/outputs/file-mover.ts';
import { recordRecovered } from '../store/outputs/record-recovered.ts';
import type { PageRecorder } from '../store/outputs/recorder.ts';
import { WorkFolder } from '../store/outputs/work-folder.ts';
import type { OneShotTranslator, WarmTranslator } from '../translators/translator.ts';
import { Guard } from '../workers/guard.ts';
import { NamingHabit } from '../workers/naming-habit.ts';
import { definedOnly } from '../workers/worker-process.ts';
import { FirstBegun } from './gone.ts';
import type { ResolvedRun } from './resolve-run.ts';
import { runOneShotSlot } from './slots/one-shot-slot.ts';
import type { SlotContext } from './slots/slot-context.ts';
import { runWarmSlot } from './slots/warm-slot.ts';

/** What slots need, and the pages that come in chunks while earlier ones are done already. */
export interface SlotsAtWork {
  readonly options: RunOptions;
  readonly resolved: ResolvedRun;
  readonly env: NodeJS.ProcessEnv;
  readonly stop: Stop;
  readonly emit: Emit;
  readonly redact: (text: string) => string;
  readonly fail: (error: unknown) => void;
  readonly recorder: PageRecorder;
  readonly mover: FileMover;
  readonly links: LinkMode;
  readonly inspector: Inspector;
  readonly todo: AsyncIterable<readonly Page[]>;
  readonly earlier: EarlierOutcomes;
  /** How often the lock of the work folder is touched, in milliseconds; 10 s where missing. */
  readonly heartbeatMs: number | undefined;
}

/** Does all pages that are to do, on all slots. Settles when the last worker is gone and nothing is left in the work folder. */
export async function runSlots(work: SlotsAtWork): Promise<void> {
  const { resolved, options, stop, emit, fail, heartbeatMs } = work;
  const { translator, folders, run } = resolved;
  const folder = await WorkFolder.open(folders, {
    run,
    part: options.part,
    onLost: () =>
      fail(
        cannotRun(
          `the work folder ${folders.work} is gone or somebody else's: who removed it?`,
          'the same command goes on from here',
        ),
      ),
    touchEveryMs: heartbeatMs,
  });
  if (folder.warning !== undefined) emit({ type: 'notice', level: 'warn', text: folder.warning });
  try {
    if (translator.kind === 'warm') {
      folder.oldIsWorthless();
      await runWarm(work, translator);
    } else await runOneShots(work, translator, folder);
  } finally {
    // What could not be recorded stays: the next run gathers it.
    await folder.close({ keep: stop.reasons.has('cannot-go-on') });
  }
}

async function runOneShots(
  work: SlotsAtWork,
  translator: OneShotTranslator,
  folder: WorkFolder,
): Promise<void> {
  const { options, resolved, links, inspector, stop } = work;
  const { optionsHash, strategy } = resolved;
  const found: Page[] = [];
  for await (const chunk of work.todo) for (const page of chunk) found.push(page);
  const gathering = { optionsHash, names: batchNamesOf(translator), recorder: work.recorder, inspector };
  const pages = folder.old.length === 0 ? found : await recordRecovered(found, folder.old, gathering);
  // Pages that were not come to yet may lie there too.
  if (!stop.drain.aborted && options.limit === undefined) folder.oldIsWorthless();
  if (pages.length === 0) return;
  const slots = resolved.slots.slice(0, pages.length);
  const guard = new Guard();
  try {
    await guard.assertStarted();
    const costs = new PageCosts();
    if (needsCosts(strategy)) await costs.measure(pages, inspector);
    const schedule = makeSchedule(strategy, { pages, slots, costOf: costs.of, order: options.order });
    const inTurn = pLimit(1);
    const run = {
      ...(await sharedBy(slots, { work, schedule, inspector, guard, mayShareBatch: withoutEqualStems })),
      optionsHash,
      links,
      fillInTurn: <T>(fill: () => Promise<T>): Promise<T> => inTurn(fill),
      habit: new NamingHabit(),
      removals: new Set<Promise<void>>(),
      translator,
    };
    await closeOnDrain(stop, run.dispatcher, () =>
      Promise.all(slots.map((slot) => runOneShotSlot(slot, run))),
    );
    await Promise.all(run.removals);
  } finally {
    guard.close();
  }
}

async function runWarm(work: SlotsAtWork, translator: WarmTranslator): Promise<void> {
  const { options, resolved, inspector, stop, fail } = work;
  const { slots, strategy, byFolder } = resolved;
  const guard = new Guard();
  const groupOf = (page: { readonly id: PageId }): string => folderOf(page.id);
  const measured = new PageCosts();
  // As long as some are measured and others are not, all cost the same: pixels don't compare with pages.
  let costs = new PageCosts();
  const deal = {
    costOf: (page: PageId) => costs.of(page),
    order: options.order,
    ...(byFolder && { groupOf: (id: PageId) => groupOf({ id }) }),
  };
  inspector.warmUp();
  try {
    await guard.assertStarted();
    const needsFirstStart = translator.needsFirstStart?.() ?? Promise.resolve(false);
    const dynamic = strategy === 'dynamic' ? new DynamicSchedule({ ...deal, slots }) : undefined;
    let schedule: Schedule | undefined = dynamic;
    const pages: Page[] = [];
    if (!schedule) {
      for await (const chunk of work.todo) pages.push(...chunk);
      if (needsCosts(strategy)) await measured.measure(pages, inspector);
      costs = measured;
      schedule = makeSchedule(strategy, { ...deal, pages, slots });
    }
    const shared = await sharedBy(slots, { work, schedule, inspector, guard, mayShareBatch: (some) => some });
    const { dispatcher } = shared;
    const run = {
      ...shared,
      translator,
      groupOf,
      loadGate: new LoadGate(await needsFirstStart),
    };
    const firstBegun = new FirstBegun(run.emit);
    const slotsRun = { ...run, emit: firstBegun.emit };
    const feed = async (): Promise<void> => {
      if (!dynamic) return;
      const some: Page[] = [];
      try {
        for await (const chunk of work.todo) {
          dynamic.add(chunk);
          for (const page of chunk) some.push(page);
          dispatcher.wake();
          // Models load for seconds: the first worker's start comes before the rest of a long walk.
          await firstBegun.soon();
        }
      } catch (error) {
        fail(error);
      }
      dynamic.close();
      dispatcher.wake();
      // Free: models are still loading, and the order only matters near the end.
      // It only improves the order: a run does not end for it.
      const isOver = (): boolean => stop.drain.aborted || dynamic.waiting === 0;
      await measureInTurn(some, { costs: measured, inspector, isOver }).catch(() => {});
      costs = measured;
      dynamic.costsChanged();
    };
    await closeOnDrain(stop, dispatcher, () =>
      Promise.all([feed(), ...slots.map((slot) => runWarmSlot(slot, slotsRun))]),
    );
  } finally {
    guard.close();
  }
}

/** What every slot's run has, whatever its workers are. */
async function sharedBy(
  slots: readonly Slot[],
  {
    work,
    schedule,
    inspector,
    guard,
    mayShareBatch,
  }: {
    work: SlotsAtWork;
    schedule: Schedule;
    inspector: Inspector;
    guard: Guard;
    mayShareBatch: (pages: readonly Page[]) => readonly Page[];
  },
): Promise<SlotContext> {
  const { options, resolved, env, emit, stop, redact, fail, recorder, mover, earlier } = work;
  const cores = availableParallelism();
  return {
    options,
    slots,
    workRoot: resolved.folders.work,
    outputRoot: resolved.folders.output,
    mover,
    dispatcher: new Dispatcher({ schedule, slots, retries: options.retries, mayShareBatch, earlier }),
    recorder,
    inspector,
    guard,
    environmentOf: (slot) => ({ ...definedOnly(env), ...workerEnvironment({ slot, slots, env, cores }) }),
    emit,
    stop,
    redact,
    fail,
  };
}

/** Hands out no more work once the run is to stop. */
async function closeOnDrain(stop: Stop, dispatcher: Dispatcher, act: () => Promise<unknown>): Promise<void> {
  const close = (): void => dispatcher.close();
  if (stop.drain.aborted) close();
  stop.drain.addEventListener('abort', close, { once: true });
  await act().finally(() => stop.drain.removeEventListener('abort', close));
}

/** What one thread does in two milliseconds: no page that a worker waits for waits longer behind these. */
const MEASURED_AT_ONCE = 64;

/** Measures step by step, behind what the slots ask for, until nobody needs it any more. */
async function measureInTurn(
  pages: readonly Page[],
  { costs, inspector, isOver }: { costs: PageCosts; inspector: Inspector; isOver: () => boolean },
): Promise<void> {
  for (let at = 0; at < pages.length && !isOver(); at += MEASURED_AT_ONCE) {
    await costs.measure(pages.slice(at, at + MEASURED_AT_ONCE), inspector);
  }
}
