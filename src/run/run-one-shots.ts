import pLimit from 'p-limit';
import { LoadGate } from '../dispatch/load-gate.ts';
import { PageRate } from '../dispatch/page-rate.ts';
import type { Page, PageId } from '../model/page.ts';
import type { Refusal } from '../model/refusal.ts';
import { plural } from '../report/format.ts';
import { takingOf } from '../schedule/forecast.ts';
import { makeSchedule, needsCosts } from '../schedule/make-schedule.ts';
import type { Schedule } from '../schedule/strategy.ts';
import { unpackedTogether } from '../store/archives/unpacked-together.ts';
import { withoutEqualStems } from '../store/outputs/names-of-batch.ts';
import { recordRecovered } from '../store/outputs/record-recovered.ts';
import type { RecoverSetup } from '../store/outputs/recover-batches.ts';
import { findMisplaced, findUnnamed, imagesLeft } from '../store/outputs/unnamed-outputs.ts';
import type { WorkFolder } from '../store/outputs/work-folder.ts';
import { batchesOf, type OneShotTranslator } from '../translators/translator.ts';
import { LocalHost } from '../workers/hosts/local/local-host.ts';
import { NamingHabit } from '../workers/naming-habit.ts';
import { StartsSeen } from '../workers/starts-seen.ts';
import { measureBehind, measurePages } from './measure-pages.ts';
import { RunForecast } from './run-forecast.ts';
import { sampleHere } from './sample-while.ts';
import { misplacedOutputs, placeText } from './slots/misplaced-outputs.ts';
import { NestedPages } from './slots/nested-pages.ts';
import { OnTrial } from './slots/on-trial.ts';
import { CurrentTranslator, type Habit } from './slots/one-shot-context.ts';
import { runOneShotSlot } from './slots/one-shot-slot.ts';
import { Recalls } from './slots/recalls.ts';
import { SlotPool } from './slots/slot-pool.ts';
import { CUT_SHORT, type InputNames, learnNames, unnamedOutputs } from './slots/unnamed-outputs.ts';
import { type SlotsAtWork, slotContextOf } from './slots-at-work.ts';
import { BatchStaging } from './staging/batch-staging.ts';
import type { Stage } from './staging/stage.ts';
import { openStage } from './staging/stage-of-run.ts';

/** Does all pages that are to do with a program that is started for some of them at a time. */
export async function runOneShots(
  work: SlotsAtWork,
  given: OneShotTranslator,
  folder: WorkFolder,
): Promise<void> {
  const { options, resolved, links, inspector, naming, costs, refusal } = work;
  const translator = await refusal.beginWith(given);
  const { optionsHash, strategy } = resolved;
  const pages = await withoutRecovered(work, translator, folder);
  if (pages.length === 0) return;
  const slots = resolved.slots.slice(0, pages.length);
  const host = new LocalHost();
  work.sampleBy({ sample: sampleHere(resolved, work.env) });
  let schedule: Schedule | undefined;
  const staging = new BatchStaging({
    recorder: work.recorder,
    waiting: (most) => schedule?.upcoming(most) ?? [],
  });
  const { upcoming, arrived } = staging;
  const opening = openStage(work, { upcoming, arrived, areContained: false });
  let stage: Stage | undefined;
  try {
    await host.assertReady();
    let sourceBytes: ReadonlyMap<PageId, number> = new Map();
    if (needsCosts(strategy)) {
      sourceBytes = await measurePages(pages, { costs, inspector });
      costs.allSized();
    }
    const dealt = makeSchedule(strategy, {
      pages,
      slots,
      costs,
      order: options.order,
      batches: batchesOf(translator),
    });
    const forecast = new RunForecast(dealt, {
      ...{ slots, costs, emit: work.emit, isKnown: work.areCostsKnown },
      ...takingOf('one-shot'),
    });
    schedule = forecast.schedule;
    const recalls = new Recalls();
    schedule.onRecall((slot) => recalls.recall(slot));
    const inTurn = pLimit(1);
    const onTrial = await OnTrial.begin(work, { pages, bytes: sourceBytes, slots: slots.length });
    stage = await opening;
    if (stage) staging.use(stage);
    const context = {
      ...slotContextOf(work, host, {
        schedule,
        slots,
        takes: 'batch',
        gate: new LoadGate({ needsFirst: false, inTurnOnDevice: false }),
        mayShareBatch: (some) => unpackedTogether(onTrial.firstOf(withoutEqualStems(some)), slots.length),
        stage,
      }),
      staging: stage && staging,
      optionsHash,
      links,
      fillInTurn: <T>(fill: () => Promise<T>): Promise<T> => inTurn(fill),
      starts: new StartsSeen(),
      habit: new NamingHabit(),
      naming,
      refusal,
      inputs: inputNames(work, pages),
      nested: new NestedPages(),
      earlier: work.earlier,
      keepWork: () => folder.keep(),
      told: new Set<Habit>(),
      ending: work.childEnding,
      removals: new Set<Promise<void>>(),
      recalls,
      translator: new CurrentTranslator(translator),
    };
    tellOfRate(work, slots.length);
    const pool = new SlotPool(context, (slot) => runOneShotSlot(slot, context));
    pool.start(slots);
    // While threads fill the first batches.
    setImmediate(() => forecast.look());
    let isOver = false;
    const measuring = needsCosts(strategy)
      ? undefined
      : measureForForecast(pages, {
          costs,
          inspector,
          isOver: () => isOver || work.stop.drain.aborted,
          forecast,
        });
    await pool.settled();
    isOver = true;
    await measuring;
    await pool.finish(slots);
    await Promise.all(context.removals);
  } finally {
    await host.close();
    await stage?.close();
  }
}

/** Sizes that the schedule does not need, but whoever foretells what pages take. A run does not end for it. */
async function measureForForecast(
  pages: readonly Page[],
  { forecast, ...measuring }: Parameters<typeof measureBehind>[1] & { readonly forecast: RunForecast },
): Promise<void> {
  await measureBehind(pages, measuring).catch(() => {});
  if (!measuring.isOver()) forecast.look();
}

/** How fast a program does what it has been given is its own affair: a user who sets a limit should know. */
function tellOfRate({ options: { pagesPerMinute }, emit }: SlotsAtWork, slots: number): void {
  if (pagesPerMinute === undefined) return;
  const most = new PageRate(pagesPerMinute, 0).batchOf(slots);
  const text = `--pages-per-minute ${pagesPerMinute}: a batch has at most ${plural(most, 'page')}, which count when it starts. Within it the program sets its own pace.`;
  emit({ type: 'notice', level: 'info', text });
}

const inputNames = ({ recorder }: SlotsAtWork, pages: readonly Page[]): InputNames => ({
  ids: pages.map(({ id }) => id),
  isPlaceOfPage: (name) => recorder.isPlaceOfPage(name),
});

/** Why pages may not be given to a child: earlier ones may have made them, under names or in a place that nobody knows. */
async function doubtOfOld(
  work: SlotsAtWork,
  translator: OneShotTranslator,
  {
    pages,
    old,
    gathering,
  }: {
    readonly pages: readonly Page[];
    readonly old: readonly string[];
    readonly gathering: Pick<RecoverSetup, 'optionsHash' | 'names' | 'leaver' | 'inspector'>;
  },
): Promise<Refusal | undefined> {
  const { naming } = work;
  const setup = { ...gathering, todo: new Map(pages.map((page) => [page.id, page])) };
  const who = 'an earlier run left';
  for (const folder of old) {
    const unnamed = naming.isProven ? undefined : await findUnnamed(folder, setup);
    if (unnamed) return unnamedOutputs(who, unnamed, { naming, inputs: inputNames(work, pages) });
    const placed = { ...setup, isMarked: naming.hasMade };
    const misplaced = translator.guessesOutputs ? await findMisplaced(folder, placed) : undefined;
    if (misplaced) return misplacedOutputs(who, misplaced, placeText(translator));
  }
  return undefined;
}

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
    names: { format: translator.format, naming },
    leaver: translator,
    recorder,
    inspector,
  };
  if (folder.old.length === 0) return found;
  const inputs = inputNames(work, found);
  if (naming.mayLearn && !naming.isProven) {
    const todo = new Map(found.map((page) => [page.id, page]));
    const left = await imagesLeft(folder.old, { ...gathering, todo });
    const { emit } = work;
    learnNames({ naming, inputs, emit, program: translator.name }, left, CUT_SHORT);
  }
  const pages = await recordRecovered(found, folder.old, gathering);
  if (pages.length < found.length) await naming.confirm();
  const doubt = await doubtOfOld(work, translator, { pages, old: folder.old, gathering });
  if (doubt) {
    fail(doubt);
    return [];
  }
  // Pages that were not come to yet may lie there too.
  const isAll = options.limit === undefined && options.sample === undefined;
  if (!stop.drain.aborted && isAll) folder.oldIsWorthless();
  return pages;
}
