import { mostWorkersFor, openFilesLimit } from '../../model/open-files.ts';
import type { PageId } from '../../model/page.ts';
import type { DynamicSchedule } from '../../schedule/dynamic.ts';
import type { Engine } from '../engine.ts';
import type { SlotPool } from '../slots/slot-pool.ts';
import type { SlotsAtWork } from '../slots-at-work.ts';
import { Packing } from './packing.ts';

/** Packs the slots of a pool from now on, by the events of the run. */
export async function packSlots(
  { resolved, options, stop, emit, listen }: SlotsAtWork,
  {
    pool,
    engine,
    schedule,
    costOf,
  }: {
    readonly pool: SlotPool;
    readonly engine: Pick<Engine, 'host' | 'slots' | 'sample'>;
    readonly schedule: DynamicSchedule;
    readonly costOf: (page: PageId) => number;
  },
): Promise<Packing> {
  const { byFolder } = resolved;
  const { host, slots } = engine;
  const limit = await openFilesLimit();
  const packing = new Packing({
    slots,
    costOf,
    pool,
    use: () => host.use(),
    emit,
    stop: stop.drain,
    cards: async () => {
      const now = (await engine.sample(stop.drain)) ?? [];
      return new Map(now.flatMap(({ index, memory }) => (memory ? [[index, memory] as const] : [])));
    },
    mostWorkers: mostWorkersFor('warm', limit),
    queue: () => ({
      pagesLeft: schedule.waiting,
      mayBeMore: !schedule.complete && options.limit === undefined,
      groupsLeft: byFolder ? schedule.unitsWaiting : undefined,
    }),
    endAfterGroup: ({ id }) => schedule.endAfterGroup(id),
    isMidGroup: ({ id }) => schedule.isMidGroup(id),
  });
  listen(packing.hear);
  return packing;
}
