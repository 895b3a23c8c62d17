import { setTimeout as delay } from 'node:timers/promises';
import { LoadGate } from '../dispatch/load-gate.ts';
import { folderOf, type Page, type PageId } from '../model/page.ts';
import type { Inspector } from '../pages/inspector.ts';
import { DynamicSchedule } from '../schedule/dynamic.ts';
import { makeSchedule, needsCosts } from '../schedule/make-schedule.ts';
import { PageCosts } from '../schedule/page-costs.ts';
import type { Schedule } from '../schedule/strategy.ts';
import type { WarmTranslator } from '../translators/translator.ts';
import { Guard } from '../workers/guard.ts';
import { packSlots } from './packing/pack-slots.ts';
import { SlotPool } from './slots/slot-pool.ts';
import { runWarmSlot } from './slots/warm-slot.ts';
import { type SlotsAtWork, slotContextOf } from './slots-at-work.ts';

/** Longer than it takes to start a worker; what keeps it waiting then keeps the walk waiting no longer. */
const FIRST_WORKER_MS = 200;
/** What one thread does in two milliseconds: no page that a worker waits for waits longer behind these. */
const MEASURED_AT_ONCE = 64;

/** Costs of pages that may be measured while they are asked for. */
interface GrowingCosts {
  /** As long as some are measured and others are not, all cost the same: pixels don't compare with pages. */
  readonly of: (page: PageId) => number;
  /** Measures pages behind what the slots ask for, until nobody needs it any more. */
  readonly measure: (pages: readonly Page[], isOver: () => boolean) => Promise<void>;
}

/** Does all pages that are to do with workers that load once. */
export async function runWarm(work: SlotsAtWork, translator: WarmTranslator): Promise<void> {
  const { options, resolved, inspector } = work;
  const { slots, strategy, byFolder, isPacked } = resolved;
  const guard = new Guard();
  const costs = growingCosts(inspector);
  const deal = {
    costOf: costs.of,
    order: options.order,
    ...(byFolder && { groupOf: folderOf }),
  };
  inspector.warmUp();
  try {
    await guard.assertStarted();
    const needsFirst = translator.needsFirstStart?.() ?? Promise.resolve(false);
    const dynamic = strategy === 'dynamic' ? new DynamicSchedule({ ...deal, slots }) : undefined;
    const schedule = dynamic ?? (await fixedSchedule(work, costs, deal));
    const gate = new LoadGate({ needsFirst: await needsFirst, inTurnOnDevice: true });
    const first = firstStart();
    const context = {
      ...slotContextOf(work, guard, { schedule, slots, takes: 'page', gate, costOf: costs.of }),
      translator,
      links: work.links,
      groupOf: ({ id }: Page) => folderOf(id),
      onStart: first.tell,
    };
    const pool = new SlotPool(context, (slot) => runWarmSlot(slot, context));
    const packing =
      dynamic && isPacked ? await packSlots(work, { pool, schedule: dynamic, costOf: costs.of }) : undefined;
    pool.start(slots);
    await Promise.all([dynamic && feed(work, dynamic, costs, first.soon), pool.settled()]);
    await packing?.close();
    // Of a slot that joined as the last page was done.
    await pool.settled();
    await pool.finish(slots);
  } finally {
    guard.close();
  }
}

async function fixedSchedule(
  { todo, resolved }: SlotsAtWork,
  costs: GrowingCosts,
  deal: Omit<Parameters<typeof makeSchedule>[1], 'pages' | 'slots'>,
): Promise<Schedule> {
  const { strategy, slots } = resolved;
  const pages: Page[] = [];
  for await (const chunk of todo) pages.push(...chunk);
  if (needsCosts(strategy)) await costs.measure(pages, () => false);
  return makeSchedule(strategy, { ...deal, pages, slots });
}

/** Hands the pages on as they are found, then measures them while models load. */
async function feed(
  { todo, stop, fail }: SlotsAtWork,
  schedule: DynamicSchedule,
  costs: GrowingCosts,
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
  await costs.measure(some, isOver).catch(() => {});
  schedule.costsChanged();
}

function growingCosts(inspector: Inspector): GrowingCosts {
  const measured = new PageCosts();
  let costs = new PageCosts();
  return {
    of: (page) => costs.of(page),
    measure: async (pages, isOver) => {
      try {
        for (let at = 0; at < pages.length && !isOver(); at += MEASURED_AT_ONCE) {
          await measured.measure(pages.slice(at, at + MEASURED_AT_ONCE), inspector);
        }
      } finally {
        costs = measured;
      }
    },
  };
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
