import type { StrategyName } from '../options.ts';
import { balanced } from './balanced.ts';
import { even } from './even.ts';
import type { Deal, Schedule } from './strategy.ts';

/** Strategies that deal by predicted cost: pages are measured for them. */
export const needsCosts = (strategy: StrategyName): boolean => strategy === 'balanced';

/** The schedule of a strategy over these pages and slots. */
export function makeSchedule(strategy: StrategyName, deal: Deal): Schedule {
  switch (strategy) {
    case 'even':
      return even(deal);
    case 'balanced':
    case 'dynamic':
      return balanced(deal);
  }
}
