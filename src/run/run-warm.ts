import { setTimeout as delay } from 'node:timers/promises';
import type { Dispatcher } from '../dispatch/dispatcher.ts';
import { LoadGate } from '../dispatch/load-gate.ts';
import { folderOf, type Page, type PageId } from '../model/page.ts';
import type { Slot } from '../model/slot.ts';
import type { CardMemory } from '../schedule/cards.ts';
import { DynamicSchedule } from '../schedule/dynamic.ts';
import { takingOf } from '../schedule/forecast.ts';
import { makeSchedule, needsCosts } from '../schedule/make-schedule.ts';
import type { Schedule } from '../schedule/strategy.ts';
import type { WarmTranslator } from '../translators/translator.ts';
import { WorkerMemory } from '../workers/worker-memory.ts';
import type { ClusterRun } from './cluster/cluster-engine.ts';
import { type Engine, localEngine } from './engine.ts';
import { learningCards } from './learning-cards.ts';
import { measureBehind, measurePages } from './measure-pages.ts';
import { packSlots } from './packing/pack-slots.ts';
import { RunForecast } from './run-forecast.ts';
import { SlotPool } from './slots/slot-pool.ts';
import { commandWords, isContained } from './slots/unseen-pages.ts';
import { runWarmSlot } from './slots/warm-slot.ts';
import { type SlotsAtWork, slotContextOf } from './slots-at-work.ts';
import type { Stage } from './staging/stage.ts';
import { openStage } from './staging/stage-of-run.ts';

/** Longer than it takes to start a worker; what keeps it waiting then keeps the walk waiting no longer. */
const FIRST_WORKER_MS = 200;

/** Does all pages that are to do with workers that load once. */
export async function runWarm(work: SlotsAtWork, translator: WarmTranslator): Promise<void> {
  const { options, resolved, costs } = work;
  const { strategy, byFolder, isPacked } = resolved;
  let dispatcher: Dispatcher | undefined;
  let schedule: Schedule | undefined;
  const cards = learningCards({
    pixelsOf: (page) => costs.pixelsOf(page),
    known: costs.known,
    limitBytes: options.gpuMemoryBytes,
  });
  const slotsNow = (): readonly Slot[] => dispatcher?.slots ?? [];
  const sampleMemory = (gpu: number, usedBytes: number): CardMemory | undefined => {
    const slot = slotsNow().find((one) => one.gpu?.index === gpu);
    if (!slot) return undefined;
    cards.sampled(slot, usedBytes);
    return cards.memoryOf(slot);
  };
  const engine = await engineOf(work, translator, {
    slots: slotsNow,
    hasWork: () => dispatcher?.hasWork ?? true,
    onChange: (listener) => schedule?.onChange(listener),
  });
  const { host, slots } = engine;
  work.sampleBy({ sample: engine.sample, sampleMemory });
  const deal = {
    costs,
    slots,
    order: options.order,
    pageByPage: true,
    memory: { needOf: (page: PageId) => cards.needOf(page), roomOf: (slot: Slot) => cards.roomOf(slot) },
    ...(byFolder && { groupOf: folderOf }),
  };
  const areContained = slots.some((slot) => isContained(commandWords(translator.command(slot))));
  const upcoming = (most: number): readonly Page[] => schedule?.upcoming(most) ?? [];
  const opening = openStage(work, { upcoming, areContained });
  let stage: Stage | undefined;
  try {
    await host.assertReady();
    const memory = new WorkerMemory(() => host.freeMemory());
    const gate = new LoadGate({
      needsFirst: await engine.needsFirst,
      inTurnOnDevice: true,
      isShortFor: (loads) => memory.isShortFor(loads),
    });
    const first = firstStart();
    const dealt = strategy === 'dynamic' ? growing(work, deal, first.soon) : await fixedSchedule(work, deal);
    const forecast = new RunForecast(dealt.schedule, {
      ...{ slots, costs, emit: work.emit, isKnown: work.areCostsKnown },
      ...takingOf('warm'),
    });
    const watched = forecast.schedule;
    schedule = watched;
    stage = await opening;
    watched.onChange(() => stage?.wake());
    const context = {
      ...slotContextOf(work, host, {
        ...{ schedule: watched, slots, takes: 'page', gate, cards, stage },
        environmentOf: engine.environmentOf,
        mayJoin: engine.mayJoin,
      }),
      translator,
      commandOf: engine.commandOf,
      links: work.links,
      groupOf: ({ id }: Page) => folderOf(id),
      onStart: () => {
        first.tell();
        stage?.begin();
      },
      memory,
      cards,
    };
    dispatcher = context.dispatcher;
    const pool = new SlotPool(context, (slot) => runWarmSlot(slot, context));
    const packing =
      dealt.queue && isPacked
        ? await packSlots(work, { pool, engine, schedule: dealt.queue, costOf: costs.of })
        : undefined;
    await Promise.all([dealt.measured().then(() => forecast.look()), engine.run(pool, packing)]);
    await packing?.close();
    // Of a slot that joined as the last page was done.
    await pool.settled();
    await pool.finish(engine.everThere);
  } finally {
    await host.close();
    await stage?.close();
  }
}

/** Where the workers live. What it takes for a cluster is loaded where there is one. */
async function engineOf(work: SlotsAtWork, translator: WarmTranslator, run: ClusterRun): Promise<Engine> {
  const { cluster, remote } = work.resolved;
  if (!(cluster && remote)) return localEngine(work, translator);
  const { clusterEngine } = await import('./cluster/cluster-engine.ts');
  return clusterEngine(work, translator, { cluster, remote, run });
}

/** A schedule of the run. */
interface Dealt {
  readonly schedule: Schedule;
  /** The same, where slots may join it for good. */
  readonly queue?: DynamicSchedule;
  /** Measures what is not measured yet; a queue gets its pages by it, too. */
  readonly measured: () => Promise<void>;
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
): Promise<Dealt> {
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
): Dealt {
  const queue = new DynamicSchedule(deal);
  return { schedule: queue, queue, measured: () => feed(work, queue, firstWorker) };
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
