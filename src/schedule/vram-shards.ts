import type { Page } from '../model/page.ts';
import type { SlotId } from '../model/slot.ts';
import { StaticSchedule } from './static-schedule.ts';
import type { Deal, MemoryOfPages, Schedule } from './strategy.ts';

/**
 * Shards of equal cost by size: the largest pages go to the devices with the most memory, the smallest to those with the least,
 * and none gets a page that it has no room for while another one has. Within a shard the pages go in natural order.
 */
export function vramShards({ pages, slots, costs: known, batches }: Deal, memory: MemoryOfPages): Schedule {
  const shards = slots
    .map((slot) => ({
      slot: slot.id,
      room: memory.roomOf(slot) ?? Number.POSITIVE_INFINITY,
      load: 0,
      picked: [] as number[],
    }))
    .sort((a, b) => b.room - a.room);
  const costs = pages.map(({ id }) => known.of(id));
  const sizes = pages.map(({ id }) => known.sizeOf(id));
  const largestFirst = [...pages.keys()].sort((a, b) => (sizes[b] ?? 0) - (sizes[a] ?? 0) || a - b);
  let left = costs.reduce((sum, cost) => sum + cost, 0);
  for (const index of largestFirst) {
    const need = memory.needOf(pages[index]?.id ?? '') ?? 0;
    const fitting = shards.filter(({ room }, at) => at === 0 || room >= need || room === shards[0]?.room);
    // Those that are full are out: what is left is shared by the others.
    const total = shards.reduce((sum, { load }) => sum + load, left);
    const open = fitting.find(({ load }) => load < total / shards.length);
    const shard =
      open ??
      fitting.reduce<(typeof shards)[number] | undefined>(
        (least, one) => (least === undefined || one.load < least.load ? one : least),
        undefined,
      );
    const cost = costs[index] ?? 0;
    left -= cost;
    if (!shard) continue;
    shard.load += cost;
    shard.picked.push(index);
  }
  return new StaticSchedule(
    new Map<SlotId, Page[]>(
      shards.map(({ slot, picked }) => [
        slot,
        picked.sort((a, b) => a - b).flatMap((index) => pages[index] ?? []),
      ]),
    ),
    slots.length === 0 ? pages : [],
    { batches, costs: known },
  );
}
