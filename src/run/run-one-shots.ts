import pLimit from 'p-limit';
import { LoadGate } from '../dispatch/load-gate.ts';
import type { Page } from '../model/page.ts';
import { makeSchedule, needsCosts } from '../schedule/make-schedule.ts';
import { PageCosts } from '../schedule/page-costs.ts';
import { unpackedTogether } from '../store/archives/unpacked-together.ts';
import { batchNamesOf, withoutEqualStems } from '../store/outputs/batch-folder.ts';
import { recordRecovered } from '../store/outputs/record-recovered.ts';
import { findUnnamed } from '../store/outputs/unnamed-outputs.ts';
import type { WorkFolder } from '../store/outputs/work-folder.ts';
import type { OneShotTranslator } from '../translators/translator.ts';
import { Guard } from '../workers/guard.ts';
import { NamingHabit } from '../workers/naming-habit.ts';
import { CurrentTranslator } from './slots/one-shot-context.ts';
import { runOneShotSlot } from './slots/one-shot-slot.ts';
import { SlotPool } from './slots/slot-pool.ts';
import { type InputNames, unnamedOutputs } from './slots/unnamed-outputs.ts';
import { type SlotsAtWork, slotContextOf } from './slots-at-work.ts';

/** Does all pages that are to do with a program that is started for some of them at a time. */
export async function runOneShots(
  work: SlotsAtWork,
  translator: OneShotTranslator,
  folder: WorkFolder,
): Promise<void> {
  const { options, resolved, links, inspector, naming } = work;
  const { optionsHash, strategy } = resolved;
  const pages = await withoutRecovered(work, translator, folder);
  if (pages.length === 0) return;
  const slots = resolved.slots.slice(0, pages.length);
  const guard = new Guard();
  try {
    await guard.assertStarted();
    const costs = new PageCosts();
    if (needsCosts(strategy)) await costs.measure(pages, inspector);
    const schedule = makeSchedule(strategy, { pages, slots, costOf: costs.of, order: options.order });
    const inTurn = pLimit(1);
    const context = {
      ...slotContextOf(work, guard, {
        schedule,
        slots,
        takes: 'batch',
        gate: new LoadGate({ needsFirst: false, inTurnOnDevice: false }),
        mayShareBatch: (some) => unpackedTogether(withoutEqualStems(some)),
        costOf: costs.of,
      }),
      optionsHash,
      links,
      fillInTurn: <T>(fill: () => Promise<T>): Promise<T> => inTurn(fill),
      habit: new NamingHabit(),
      naming,
      inputs: inputNames(work, pages),
      keepWork: () => folder.keep(),
      told: new Set<'does-not-end' | 'other-names'>(),
      ending: work.childEnding,
      removals: new Set<Promise<void>>(),
      translator: new CurrentTranslator(translator),
    };
    const pool = new SlotPool(context, (slot) => runOneShotSlot(slot, context));
    pool.start(slots);
    await pool.settled();
    await pool.finish(slots);
    await Promise.all(context.removals);
  } finally {
    guard.close();
  }
}

const inputNames = ({ recorder }: SlotsAtWork, pages: readonly Page[]): InputNames => ({
  ids: pages.map(({ id }) => id),
  isPlaceOfPage: (name) => recorder.isPlaceOfPage(name),
});

/** All pages that are to do, without those that a killed run had finished. */
async function withoutRecovered(
  work: SlotsAtWork,
  translator: OneShotTranslator,
  folder: WorkFolder,
): Promise<readonly Page[]> {
  const { options, resolved, recorder, inspector, stop, todo, naming, fail } = work;
  const found: Page[] = [];
  for await (const chunk of todo) for (const page of chunk) found.push(page);
  const gathering = {
    optionsHash: resolved.optionsHash,
    names: batchNamesOf(translator, naming),
    recorder,
    inspector,
  };
  if (folder.old.length === 0) return found;
  const pages = await recordRecovered(found, folder.old, gathering);
  if (pages.length < found.length) await naming.confirm();
  if (!naming.isProven) {
    const setup = { ...gathering, todo: new Map(pages.map((page) => [page.id, page])) };
    for (const old of folder.old) {
      const unnamed = await findUnnamed(old, setup);
      if (!unnamed) continue;
      fail(unnamedOutputs('an earlier run left', unnamed, { naming, inputs: inputNames(work, pages) }));
      return [];
    }
  }
  // Pages that were not come to yet may lie there too.
  if (!stop.drain.aborted && options.limit === undefined) folder.oldIsWorthless();
  return pages;
}
