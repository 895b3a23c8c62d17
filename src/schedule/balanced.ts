import type { Page } from '../model/page.ts';
import type { SlotId } from '../model/slot.ts';
import { StaticSchedule } from './static-schedule.ts';
import type { Deal, Schedule } from './strategy.ts';

/**
 * Longest page first onto the slot with the least predicted work, so that shards end together; within a shard the pages
 * go in natural order.
 */
export function balanced({ pages, slots, costs, batches }: Deal): Schedule {
  if (slots.length === 0) return new StaticSchedule(new Map(), pages, { batches, costs });
  const shards = slots.map((slot) => ({ slot: slot.id, load: 0, picked: [] as number[] }));
  const predicted = Float64Array.from(pages, (page) => costs.of(page.id));
  const longestFirst = Uint32Array.from(pages.keys()).sort(
    (a, b) => (predicted[b] ?? 0) - (predicted[a] ?? 0) || a - b,
  );
  for (const index of longestFirst) {
    const lightest = shards.reduce((least, shard) => (shard.load < least.load ? shard : least));
    lightest.load += predicted[index] ?? 0;
    lightest.picked.push(index);
  }
  return new StaticSchedule(
    new Map<SlotId, Page[]>(
      shards.map(({ slot, picked }) => [
        slot,
        picked.sort((a, b) => a - b).flatMap((index) => pages[index] ?? []),
      ]),
    ),
    [],
    { batches, costs },
  );
}
