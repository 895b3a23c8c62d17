import { setTimeout as delay } from 'node:timers/promises';
import { availableMemory } from '../devices/main-memory.ts';
import { LoadGate } from '../dispatch/load-gate.ts';
import { folderOf, type Page, type PageId } from '../model/page.ts';
import type { Slot } from '../model/slot.ts';
import type { Inspector } from '../pages/inspector.ts';
import { Cards } from '../schedule/cards.ts';
import { DynamicSchedule } from '../schedule/dynamic.ts';
import { makeSchedule, needsCosts } from '../schedule/make-schedule.ts';
import { PageCosts } from '../schedule/page-costs.ts';
import { PeakFit } from '../schedule/peak-fit.ts';
import type { Schedule } from '../schedule/strategy.ts';
import type { WarmTranslator } from '../translators/translator.ts';
import { Guard } from '../workers/guard.ts';
import { WorkerMemory } from '../workers/worker-memory.ts';
import { packSlots } from './packing/pack-slots.ts';
import { SlotPool } from './slots/slot-pool.ts';
import { commandWords, isContained } from './slots/unseen-pages.ts';
import { runWarmSlot } from './slots/warm-slot.ts';
import { type SlotsAtWork, slotContextOf } from './slots-at-work.ts';
import type { Stage } from './staging/stage.ts';
import { openStage } from './staging/stage-of-run.ts';

/** Longer than it takes to start a worker; what keeps it waiting then keeps the walk waiting no longer. */
const FIRST_WORKER_MS = 200;
/** What one thread does in two milliseconds on a local disk: no page that a worker waits for waits longer behind these. */
const MEASURED_AT_ONCE = 64;
/** Where so many take longer, fewer are asked for at once. */
const MEASURED_IN_MS = 20;

/** Costs of pages that may be measured while they are asked for. */
interface GrowingCosts {
  /** As long as some are measured and others are not, all cost the same: pixels don't compare with pages. */
  readonly of: (page: PageId) => number;
  /** Undefined for pages that are not measured, or have no size. */
  readonly pixelsOf: (page: PageId) => number | undefined;
  /** Measures pages behind what the slots ask for, until nobody needs it any more. */
  readonly measure: (pages: readonly Page[], isOver: () => boolean) => Promise<void>;
}

/** Memory of the devices, where a page's peak is told by its pixels and by what the others took. */
function learningCards(
  pixelsOf: (page: PageId) => number | undefined,
  limitBytes: number | undefined,
): Cards {
  const fit = new PeakFit();
  return new Cards({
    limitBytes,
    peakOf: (page) => {
      const pixels = pixelsOf(page);
      return pixels === undefined ? undefined : fit.of(pixels);
    },
    seen: (page, bytes) => {
      const pixels = pixelsOf(page);
      if (pixels !== undefined) fit.add(pixels, bytes);
    },
  });
}

/** Does all pages that are to do with workers that load once. */
export async function runWarm(work: SlotsAtWork, translator: WarmTranslator): Promise<void> {
  const { options, resolved, inspector } = work;
  const { slots, strategy, byFolder, isPacked } = resolved;
  const guard = new Guard();
  const costs = growingCosts(inspector);
  const cards = learningCards(costs.pixelsOf, options.gpuMemoryBytes);
  work.onSample((gpu, usedBytes) => {
    const slot = slots.find((one) => one.gpu?.index === gpu);
    if (!slot) return undefined;
    cards.sampled(slot, usedBytes);
    return cards.memoryOf(slot);
  });
  const deal = {
    costOf: costs.of,
    order: options.order,
    pageByPage: true,
    memory: { needOf: (page: PageId) => cards.needOf(page), roomOf: (slot: Slot) => cards.roomOf(slot) },
    ...(byFolder && { groupOf: folderOf }),
  };
  inspector.warmUp();
  let stage: Stage | undefined;
  try {
    await guard.assertStarted();
    const needsFirst = translator.needsFirstStart?.() ?? Promise.resolve(false);
    const dynamic = strategy === 'dynamic' ? new DynamicSchedule({ ...deal, slots }) : undefined;
    const schedule = dynamic ?? (await fixedSchedule(work, costs, deal));
    const memory = new WorkerMemory(availableMemory);
    const gate = new LoadGate({
      needsFirst: await needsFirst,
      inTurnOnDevice: true,
      isShortFor: (loads) => memory.isShortFor(loads),
    });
    const first = firstStart();
    const upcoming = (most: number): readonly Page[] => schedule.upcoming(most);
    const areContained = slots.some((slot) => isContained(commandWords(translator.command(slot))));
    stage = await openStage(work, { upcoming, areContained });
    schedule.onChange(() => stage?.wake());
    const context = {
      ...slotContextOf(work, guard, { schedule, slots, takes: 'page', gate, costOf: costs.of, cards, stage }),
      translator,
      links: work.links,
      groupOf: ({ id }: Page) => folderOf(id),
      onStart: () => {
        first.tell();
        stage?.begin();
      },
      memory,
      cards,
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
    await stage?.close();
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
    pixelsOf: (page) => measured.pixelsOf(page),
    measure: async (pages, isOver) => {
      try {
        let atOnce = 1;
        for (let at = 0; at < pages.length && !isOver(); ) {
          const some = pages.slice(at, at + atOnce);
          const beganMs = performance.now();
          await measured.measure(some, inspector);
          at += some.length;
          const isSlow = performance.now() - beganMs > MEASURED_IN_MS;
          atOnce = isSlow ? Math.max(1, atOnce / 2) : Math.min(MEASURED_AT_ONCE, atOnce * 2);
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
