import type { Page, PageId } from '../model/page.ts';
import { gpuIndexOf, type Slot, type SlotId } from '../model/slot.ts';
import type { Cards } from '../schedule/cards.ts';
import type { Schedule } from '../schedule/strategy.ts';
import type { Clock } from './clock.ts';
import type { Circumstances } from './common-cause.ts';
import { type EarlierOutcomes, NOTHING_EARLIER } from './earlier-outcomes.ts';
import { FailurePolicy } from './failure-policy.ts';
import { InFlight } from './in-flight.ts';
import type { LoadGate } from './load-gate.ts';
import { PageRate } from './page-rate.ts';
import { PoolState } from './pool-state.ts';
import { ServiceGate } from './service-gate.ts';

/** What a dispatcher is made from. */
export interface DispatcherSetup {
  readonly schedule: Schedule;
  readonly slots: readonly Slot[];
  /** `page`: workers that take one page after the other; `batch`: programs that are started for some pages. */
  readonly takes: 'page' | 'batch';
  readonly retries: number;
  /** True while slots may join where there is none; missing: those that are there are all. */
  readonly mayJoin?: (() => boolean) | undefined;
  /** Which workers there are, and who loads. */
  readonly gate: LoadGate;
  /** Aborted when no page may begin any more. */
  readonly stop: AbortSignal;
  /** Those of the pages that can be in one batch, in order; the first is always one of them. */
  readonly mayShareBatch?: (pages: readonly Page[]) => readonly Page[];
  readonly earlier?: EarlierOutcomes;
  /** Predicted cost of a page, in any unit. */
  readonly costOf?: (page: PageId) => number;
  /** How long a service may refuse before the run ends, in milliseconds; 0: for ever. */
  readonly serviceWaitMs?: number;
  /** How many pages may start a minute, over all slots; missing: any number. */
  readonly pagesPerMinute?: number | undefined;
  /** Memory of the devices; missing: pages start without a look at it. Workers that take one page after the other alone have it. */
  readonly cards?: Cards | undefined;
  readonly clock?: Clock;
  /** 0 to 1. */
  readonly random?: () => number;
}

/** What a dispatcher knows: read where work is chosen, changed where a result is settled. */
export interface DispatchState {
  /** `page`: workers that take one page after the other; `batch`: programs that are started for some pages. */
  readonly takes: 'page' | 'batch';
  readonly schedule: Schedule;
  readonly pool: PoolState;
  readonly inFlight: InFlight;
  readonly policy: FailurePolicy;
  readonly service: ServiceGate;
  /** How many pages may begin; undefined where that is not limited. */
  readonly rate: PageRate | undefined;
  readonly gate: LoadGate;
  readonly cards: Cards | undefined;
  readonly earlier: EarlierOutcomes;
  readonly clock: Clock;
  /** Slots that found nothing to do when they asked last. */
  readonly idle: Set<SlotId>;
  /** Devices whose other slots end their workers, and for which slot. */
  readonly vacating: Map<number | null, SlotId>;
  /** The most pages of a slot's next batch, after a child of it ended before its time. */
  readonly caps: Map<SlotId, number>;
  /** First pages of programs that ended without a sign beside others, and their last words. */
  readonly failedInCompany: Map<PageId, string>;
  /** Pages that a program had in hand as it ended, after it had finished others, and its last words without particulars. */
  readonly diedOn: Map<PageId, string>;
  /** Pages that came back from a batch uncounted. */
  readonly backOnce: Set<PageId>;
  /** Pages whose worker's place was lost, through no fault of theirs. */
  readonly placeLost: Set<PageId>;
}

/** As it is at a run's start. */
export function openState(setup: DispatcherSetup & { readonly clock: Clock }): DispatchState {
  const { schedule, slots, takes, retries, gate, clock, earlier = NOTHING_EARLIER } = setup;
  const pool = new PoolState(slots, setup.mayJoin);
  const sinceMs = clock.nowMs();
  const state: DispatchState = {
    takes,
    schedule,
    pool,
    gate,
    cards: setup.cards,
    earlier,
    clock,
    inFlight: new InFlight(() => pool.slots),
    service: new ServiceGate(setup.serviceWaitMs ?? 0, setup.random),
    rate: setup.pagesPerMinute === undefined ? undefined : new PageRate(setup.pagesPerMinute, sinceMs),
    policy: new FailurePolicy({
      pool,
      retries,
      earlier,
      costOf: setup.costOf ?? (() => 1),
      takes,
      nowMs: clock.nowMs,
      workerMs: () => (clock.nowMs() - sinceMs) * pool.slots.length,
      startsElsewhere: (slot) => gate.isReadyElsewhere(slot),
      othersWork: (gpu) => othersWork(state, gpu),
      isStalled: () => !state.inFlight.isBusy && pool.slots.every(({ id }) => state.idle.has(id)),
    }),
    idle: new Set(),
    vacating: new Map(),
    caps: new Map(),
    failedInCompany: new Map(),
    diedOn: new Map(),
    backOnce: new Set(),
    placeLost: new Set(),
  };
  return state;
}

/** What everybody must know who asks whether anything can still go well. */
export function circumstancesOf(state: DispatchState): Circumstances {
  const { schedule, pool, earlier, idle, policy, service, takes } = state;
  // A slot that finds nothing to do will not be heard, unless all it waits for is a service.
  const isHeard = (slot: SlotId): boolean =>
    !idle.has(slot) || !service.isOpen || policy.common.hasFailed(slot);
  return {
    slots: pool.slots.map(({ id }) => id).filter(isHeard),
    maySample: schedule.waiting > 0 || !schedule.complete,
    hasDoneBefore: earlier.hasDone(),
    takes,
  };
}

/** True where a device besides this one works, or may still turn out to: nothing speaks against it, and it is not idle. */
export function othersWork({ pool, inFlight, policy, idle }: DispatchState, gpu: number | null): boolean {
  const busy = new Set(inFlight.busySlots.map(gpuIndexOf));
  return pool.devices.some(({ gpu: other }) => {
    if (other === gpu || policy.places.health.isDoubtful(other)) return false;
    if (busy.has(other)) return true;
    return policy.places.health.hasFinished(other) && pool.on(other).some(({ id }) => !idle.has(id));
  });
}
