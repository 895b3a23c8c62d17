import type { Page } from '../model/page.ts';
import type { SlotId } from '../model/slot.ts';
import { StaticSchedule } from './static-schedule.ts';
import type { Deal, Schedule } from './strategy.ts';

/**
 * Deals the pages round, so that shards differ by one page at most, the first chapter comes first on every slot, and
 * pages that grow from folder to folder are spread.
 */
export function even({ pages, slots, batches, costs }: Deal): Schedule {
  if (slots.length === 0) return new StaticSchedule(new Map(), pages, { batches, costs });
  const shards = new Map<SlotId, Page[]>(slots.map((slot) => [slot.id, []]));
  const decks = [...shards.values()];
  for (const [index, page] of pages.entries()) decks[index % decks.length]?.push(page);
  return new StaticSchedule(shards, [], { batches, costs });
}
