import type { OneShotEnd } from '../../workers/one-shot-end.ts';
import type { LaidBatch } from './laid-batch.ts';
import { readsOneLevel } from './nested-pages.ts';
import type { OneShotContext } from './one-shot-context.ts';

/** Whether a program reads one level of folders, from how its child ended; the run ends where that is certain. */
export function judgeDepth(
  { nested, earlier, fail }: Pick<OneShotContext, 'nested' | 'earlier' | 'fail'>,
  {
    translator,
    nameOf,
    folders,
    pages: given,
  }: Pick<LaidBatch, 'translator' | 'nameOf' | 'folders' | 'pages'>,
  ended: OneShotEnd,
): 'surely' | 'perhaps' | 'no' {
  if (!translator.guessesLayout) return 'no';
  const done = new Set(ended.finished.map(nameOf));
  const touched = new Set([...ended.named, ...ended.broken.keys()].map(nameOf));
  // That a page fails again says nothing of the folder that it is in.
  const pages = [...given.keys()].filter((page) => !earlier.hasFailed(page)).map(nameOf);
  const batch = { ...ended, pages, done, touched, input: folders.input };
  const depth = nested.judge(batch);
  for (const name of touched) nested.came(name);
  if (depth === 'surely') fail(readsOneLevel(translator.name, batch));
  return depth;
}
