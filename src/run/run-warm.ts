import { setTimeout as delay } from 'node:timers/promises';
import { LoadGate } from '../dispatch/load-gate.ts';
import { folderOf, type Page } from '../model/page.ts';
import { DynamicSchedule } from '../schedule/dynamic.ts';
import { takingOf } from '../schedule/forecast.ts';
import { makeSchedule, needsCosts } from '../schedule/make-schedule.ts';
import type { Schedule } from '../schedule/strategy.ts';
import type { WarmTranslator } from '../translators/translator.ts';
import { Guard } from '../workers/guard.ts';
import { measureBehind, measurePages } from './measure-pages.ts';
import { RunForecast } from './run-forecast.ts';
import { SlotPool } from './slots/slot-pool.ts';
import { runWarmSlot } from './slots/warm-slot.ts';
import { type SlotsAtWork, slotContextOf } from './slots-at-work.ts';

/** Longer than it takes to start a worker; what keeps it waiting then keeps the walk waiting no longer. */
const FIRST_WORKER_MS = 200;
/** Does all pages that are to do with workers that load once. */
export async function runWarm(work: SlotsAtWork, translator: WarmTranslator): Promise<void> {
  const { options, resolved, inspector, costs } = work;
  const { slots, strategy, byFolder } = resolved;
  const guard = new Guard();
  const deal = {
    costs,
    slots,
    order: options.order,
    ...(byFolder && { groupOf: folderOf }),
  };
  inspector.warmUp();
  try {
    await guard.assertStarted();
    const needsFirst = translator.needsFirstStart?.() ?? Promise.resolve(false);
    const first = firstStart();
    const { schedule: dealt, measured } =
      strategy === 'dynamic' ? growing(work, deal, first.soon) : await fixedSchedule(work, deal);
    const forecast = new RunForecast(dealt, {
      ...{ slots, costs, emit: work.emit, isKnown: work.areCostsKnown },
      ...takingOf('warm'),
    });
    const { schedule } = forecast;
    const gate = new LoadGate({ needsFirst: await needsFirst, inTurnOnDevice: true });
    const context = {
      ...slotContextOf(work, guard, { schedule, slots, takes: 'page', gate }),
      translator,
      links: work.links,
      groupOf: ({ id }: Page) => folderOf(id),
      onStart: first.tell,
    };
    const pool = new SlotPool(context, (slot) => runWarmSlot(slot, context));
    pool.start(slots);
    await Promise.all([measured().then(() => forecast.look()), pool.settled()]);
    await pool.finish(slots);
  } finally {
    guard.close();
  }
}

/** The pages to do, all of them. */
async function allOf({ todo }: SlotsAtWork): Promise<readonly Page[]> {
  const pages: Page[] = [];
  for await (const chunk of todo) for (const page of chunk) pages.push(page);
  return pages;
}

/** A schedule over pages that are all known; sizes that it does not need are measured behind its back, for the forecast. */
async function fixedSchedule(
  work: SlotsAtWork,
  deal: Omit<Parameters<typeof makeSchedule>[1], 'pages'>,
): Promise<{ readonly schedule: Schedule; readonly measured: () => Promise<void> }> {
  const { inspector, resolved } = work;
  const { costs } = deal;
  const pages = await allOf(work);
  if (needsCosts(resolved.strategy)) {
    await measurePages(pages, { costs, inspector });
    costs.allSized();
  }
  const schedule = makeSchedule(resolved.strategy, { ...deal, pages });
  const isOver = (): boolean => work.stop.drain.aborted || schedule.waiting === 0;
  const measured = (): Promise<void> => measureBehind(pages, { costs, inspector, isOver }).catch(() => {});
  return { schedule, measured: needsCosts(resolved.strategy) ? async () => {} : measured };
}

/** A schedule that gets its pages as they are found. */
function growing(
  work: SlotsAtWork,
  deal: ConstructorParameters<typeof DynamicSchedule>[0],
  firstWorker: () => Promise<void>,
): { readonly schedule: Schedule; readonly measured: () => Promise<void> } {
  const schedule = new DynamicSchedule(deal);
  return { schedule, measured: () => feed(work, schedule, firstWorker) };
}

/** Hands the pages on as they are found, then measures them while models load. */
async function feed(
  { todo, stop, fail, costs, inspector }: SlotsAtWork,
  schedule: DynamicSchedule,
  firstWorker: () => Promise<void>,
): Promise<void> {
  const some: Page[] = [];
  try {
    for await (const chunk of todo) {
      schedule.add(chunk);
      for (const page of chunk) some.push(page);
      // Models load for seconds: the first worker's start comes before the rest of a long walk.
      await firstWorker();
    }
  } catch (error) {
    fail(error);
  }
  schedule.close();
  // Free: models are still loading, and the order only matters near the end. A run does not end for it.
  const isOver = (): boolean => stop.drain.aborted || schedule.waiting === 0;
  await measureBehind(some, { costs, inspector, isOver }).catch(() => {});
  costs.allSized();
  schedule.costsChanged();
}

/** The start of the first worker: `soon` settles with it, or when it has had its time. Only the first call waits. */
function firstStart(): { readonly tell: () => void; readonly soon: () => Promise<void> } {
  let tell = (): void => {};
  let hasWaited = false;
  const started = new Promise<void>((resolve) => {
    tell = resolve;
  });
  const soon = async (): Promise<void> => {
    if (hasWaited) return;
    hasWaited = true;
    const late = new AbortController();
    await Promise.race([started, delay(FIRST_WORKER_MS, undefined, { signal: late.signal }).catch(() => {})]);
    late.abort();
  };
  return { tell: () => tell(), soon };
}
