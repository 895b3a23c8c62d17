import { folderOf, type Page, type PageId } from '../model/page.ts';
import type { RunOptions } from '../model/run-options.ts';
import { gpuIndexOf } from '../model/slot.ts';
import { round3 } from '../report/format.ts';
import type { EarlierCosts } from '../run/earlier-costs.ts';
import type { ResolvedRun } from '../run/resolve-run.ts';
import { forecast, takingOf } from '../schedule/forecast.ts';
import type { Share } from '../schedule/simulate.ts';
import { batchesOf } from '../translators/translator.ts';
import type { RunPlan } from './plan-schema.ts';

/** What the shares of a run depend on. */
export interface Dealt {
  readonly options: Pick<RunOptions, 'order'>;
  readonly resolved: ResolvedRun;
  readonly todo: readonly Page[];
  /** Why no worker is to get a page. */
  readonly unreadable: ReadonlyMap<PageId, string>;
  readonly earlier: EarlierCosts;
}

/**
 * Deals the pages as the run does, those that are no images among them: it finds that out later. They are nobody's share
 * all the same, as no worker gets them.
 */
export function sharesOf({
  resolved,
  options,
  todo,
  unreadable,
  earlier: { costs },
}: Dealt): readonly Share[] {
  const { strategy, translator } = resolved;
  const isNobodys = ({ id }: Page): boolean => unreadable.has(id);
  const shares = forecast({
    strategy,
    pages: todo,
    slots: resolved.slots.slice(0, todo.length),
    costs,
    ...takingOf(translator.kind),
    order: options.order,
    ...(resolved.byFolder && { groupOf: folderOf }),
    batches: translator.kind === 'one-shot' ? batchesOf(translator) : undefined,
    isNobodys,
  });
  return shares.map(({ pages, begins, ...share }) => ({
    ...share,
    pages: pages.filter((page) => !isNobodys(page)),
    begins: begins.filter((_, at) => !pages[at] || !isNobodys(pages[at])),
  }));
}

/** What the plan says of a slot's share; seconds only where earlier runs were measured. */
export function shardOf(
  { slot, pages }: Share,
  { costs, measured }: EarlierCosts,
): RunPlan['shards'][number] {
  const secondsOn = measured && costs.secondsOn(slot.id);
  const sum = { pixels: 0, seconds: 0 };
  for (const { id } of pages) {
    sum.pixels += costs.pixelsOf(id) ?? 0;
    sum.seconds += secondsOn?.(id) ?? 0;
  }
  return {
    slot: slot.id,
    gpu: gpuIndexOf(slot),
    ...(slot.gpu?.name !== undefined && { gpuName: slot.gpu.name }),
    pages: pages.length,
    pixels: sum.pixels,
    ...(secondsOn && { seconds: round3(sum.seconds) }),
  };
}
