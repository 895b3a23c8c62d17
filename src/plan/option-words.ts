import type { RunOptions, StrategyName } from '../model/run-options.ts';
import { durationText, plural } from '../report/format.ts';
import type { ResolvedRun } from '../run/resolve-run.ts';

const STRATEGY_WORDS: Readonly<Record<StrategyName, string>> = {
  even: 'fixed shards that differ by one page at most',
  balanced: 'fixed shards of equal predicted work, largest pages first',
  dynamic: 'one queue: each slot takes the next pages as soon as it is free',
  vram: 'by size: the largest pages on the GPUs with the most memory',
};

/** A strategy in words. */
export const strategyWords = (strategy: StrategyName): string => STRATEGY_WORDS[strategy];

/** The options that a plan has no figures for, a line each. */
export function optionWords(
  options: RunOptions,
  { byFolder, translator, isPacked }: Pick<ResolvedRun, 'byFolder' | 'translator' | 'isPacked'>,
): string[] {
  const { retries, pageTimeoutMs, startTimeoutMs, maxTimeMs, order, format } = options;
  const lines = [
    retries === 0
      ? 'a page that fails is not retried'
      : `a page that fails is retried ${retries === 1 ? 'once' : `${retries} times`}, on another GPU if there is one`,
    `longest wait: ${limitText(startTimeoutMs)} for a worker to start, ${limitText(pageTimeoutMs)} for a page`,
  ];
  if (maxTimeMs > 0) lines.push(`stops gracefully after ${limitText(maxTimeMs)}`);
  if (order === 'largest') lines.push('largest pages go first');
  if (isPacked) lines.push('more workers join each GPU as long as that makes pages come faster');
  if (byFolder) lines.push('a folder stays on one worker');
  if (format !== undefined) lines.push(`outputs become .${format}`);
  if (options.limit !== undefined) lines.push(`only the first ${plural(options.limit, 'page')} to do`);
  if (options.sample !== undefined)
    lines.push(`only a sample of ${plural(options.sample, 'page')}; the figures here are of all`);
  if (options.maxCost !== undefined)
    lines.push(`stops gracefully once workers have reported a cost of ${options.maxCost}`);
  if (options.overwrite === 'all') lines.push('pages that are done are translated again');
  if (options.overwrite === 'changed') lines.push('pages made with other options are translated again');
  if (options.archives === 'folder') lines.push('archives become folders');
  if (options.archives === 'off') lines.push('archives are left out');
  if (options.onFailed === 'copy') lines.push('a copy of the original takes the place of a page that failed');
  const oneShot = translator.kind === 'one-shot' ? translator : undefined;
  if (oneShot?.takesOnePage) lines.push('each worker gets one page');
  else if (oneShot?.layout === 'folder') lines.push('each worker gets pages of one folder');
  else if (oneShot?.layout === 'flat') lines.push('each worker gets its pages in one folder');
  if (options.link === 'copy' || oneShot?.outputsAmongPages !== undefined)
    lines.push('translators get copies of the pages');
  return lines;
}

const limitText = (ms: number): string =>
  ms === 0 ? 'no limit' : durationText(ms / 1000).replace('.0 s', ' s');
