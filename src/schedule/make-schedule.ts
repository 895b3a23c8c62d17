import type { StrategyName } from '../model/run-options.ts';
import { balanced } from './balanced.ts';
import { DynamicSchedule } from './dynamic.ts';
import { even } from './even.ts';
import type { Deal, Schedule } from './strategy.ts';

/** Strategies that deal by predicted cost: pages are measured for them. */
export const needsCosts = (strategy: StrategyName): boolean => strategy !== 'even';

/** The schedule of a strategy over pages that are all known. */
export function makeSchedule(strategy: StrategyName, deal: Deal): Schedule {
  switch (strategy) {
    case 'even':
      return even(deal);
    case 'balanced':
      return balanced(deal);
    case 'dynamic': {
      const schedule = new DynamicSchedule(deal);
      schedule.add(deal.pages);
      schedule.close();
      return schedule;
    }
  }
}
