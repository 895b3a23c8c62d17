import type { RunOptions, StrategyName } from '../model/run-options.ts';
import { durationText, plural } from '../report/format.ts';

const STRATEGY_WORDS: Readonly<Record<StrategyName, string>> = {
  even: 'fixed shards that differ by one page at most',
  balanced: 'fixed shards of equal predicted work, the largest pages shared out first',
  dynamic: 'one queue: whoever is free takes the next pages',
};

/** A strategy in words. */
export const strategyWords = (strategy: StrategyName): string => STRATEGY_WORDS[strategy];

/** The options that a plan has no figures for, a line each. */
export function optionWords(options: RunOptions, byFolder: boolean): string[] {
  const { retries, pageTimeoutMs, startTimeoutMs, maxTimeMs, order, format } = options;
  const lines = [
    retries === 0
      ? 'a page that fails is not tried again'
      : `a page that fails is tried ${retries} more time${retries === 1 ? '' : 's'}, on another GPU where there is one`,
    `longest wait: ${limitText(startTimeoutMs)} for a worker's first sign, then ${limitText(pageTimeoutMs)} for a page`,
  ];
  if (maxTimeMs > 0) lines.push(`stops in good order after ${limitText(maxTimeMs)}`);
  if (order === 'largest') lines.push('largest pages go first');
  if (byFolder) lines.push('a folder stays on one worker');
  if (format !== undefined) lines.push(`outputs become .${format}`);
  if (options.limit !== undefined)
    lines.push(`no more than the first ${plural(options.limit, 'page')} to do`);
  if (options.overwrite === 'all') lines.push('pages that are done are done again');
  if (options.overwrite === 'changed') lines.push('pages made with other options are done again');
  if (options.onFailed === 'copy') lines.push('a copy of the original stands in for a page that failed');
  if (options.link === 'copy') lines.push("pages are copied into the translator's folder, not linked");
  return lines;
}

const limitText = (ms: number): string =>
  ms === 0 ? 'any time' : durationText(ms / 1000).replace('.0 s', ' s');
