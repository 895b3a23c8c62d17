import type { Page } from '../model/page.ts';
import type { StrategyName } from '../model/run-options.ts';
import { balanced } from './balanced.ts';
import { DynamicSchedule } from './dynamic.ts';
import { even } from './even.ts';
import { dealUnits, folderUnits } from './folder-units.ts';
import { StaticSchedule } from './static-schedule.ts';
import type { Deal, MemoryOfPages, Schedule } from './strategy.ts';
import { VramSchedule } from './vram.ts';
import { vramShards } from './vram-shards.ts';

const TOTAL_MEMORY: MemoryOfPages = {
  needOf: () => undefined,
  roomOf: ({ gpu }) => gpu?.memoryTotalBytes,
};

/** Strategies that deal by predicted cost: pages are measured for them. */
export const needsCosts = (strategy: StrategyName): boolean => strategy !== 'even';

/** The schedule of a strategy over pages that are all known. */
export function makeSchedule(strategy: StrategyName, deal: Deal): Schedule {
  if (deal.batches === 'folder' && deal.slots.length > 0) return byFolder(strategy, deal);
  switch (strategy) {
    case 'even':
      return even(deal);
    case 'balanced':
      return balanced(deal);
    case 'dynamic':
      return dynamicOf(deal, deal.pages);
    case 'vram': {
      const { memory = TOTAL_MEMORY } = deal;
      return deal.pageByPage ? new VramSchedule(deal, memory) : vramShards(deal, memory);
    }
  }
}

function dynamicOf(deal: Omit<Deal, 'pages'>, pages: readonly Page[]): Schedule {
  const schedule = new DynamicSchedule(deal);
  schedule.add(pages);
  schedule.close();
  return schedule;
}

/** Every batch has the pages of one folder, all of them where a slot may have as many. */
function byFolder(strategy: StrategyName, deal: Deal): Schedule {
  const { pages, slots, costs } = deal;
  const units = folderUnits(pages, slots.length);
  const unitOf = new Map(units.flatMap((unit, at) => unit.map(({ id }) => [id, String(at)] as const)));
  const groupOf = (page: string): string => unitOf.get(page) ?? '';
  if (strategy === 'dynamic') return dynamicOf({ ...deal, groupOf }, units.flat());
  const byCost = (unit: readonly Page[]): number => unit.reduce((sum, page) => sum + costs.of(page.id), 0);
  const shards = dealUnits(units, slots.length, {
    costOf: strategy === 'even' ? (unit) => unit.length : byCost,
    largestFirst: strategy === 'balanced',
  });
  return new StaticSchedule(new Map(slots.map(({ id }, at) => [id, (shards[at] ?? []).flat()])), [], {
    batches: 'folder',
    groupOf,
    costs,
  });
}
