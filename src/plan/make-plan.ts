import type { Page } from '../model/page.ts';
import { folderOf } from '../model/page.ts';
import type { Redactor } from '../model/redact.ts';
import type { RunOptions } from '../model/run-options.ts';
import { gpuIndexOf } from '../model/slot.ts';
import { looksCaseFolding } from '../pages/case-folding.ts';
import { Inspector } from '../pages/inspector.ts';
import { noSightings, type Sightings } from '../pages/sightings.ts';
import { plural, round3 } from '../report/format.ts';
import { archiveReading, assertOwnArchives, packedOutputs } from '../run/archives-of-run.ts';
import { withCleanErrors } from '../run/clean-errors.ts';
import { noPages, noticesOfWalk, pagesOfInputs } from '../run/pages-of-inputs.ts';
import { type ResolvedRun, resolveRun, type Surroundings } from '../run/resolve-run.ts';
import { makeSchedule, needsCosts } from '../schedule/make-schedule.ts';
import { type Share, simulate } from '../schedule/simulate.ts';
import { readLedgers } from '../store/ledger/ledger.ts';
import { withRedactedOptions } from '../store/ledger/old-options.ts';
import { type FoundPages, sortOutPages } from '../store/resume/found-pages.ts';
import { overwritingSince } from '../store/resume/overwrite-marker.ts';
import type { Notice } from '../store/resume/resume-notices.ts';
import { brokenLinesNotice } from '../store/resume/resume-notices.ts';
import { batchesOf } from '../translators/translator.ts';
import { firstWorker } from './first-worker.ts';
import { optionWords, strategyWords } from './option-words.ts';
import { lookAtPages, type PageLooks } from './page-looks.ts';
import { learnPageSeconds, linesOfUse, type PageSeconds } from './page-seconds.ts';
import type { RunPlan } from './plan-schema.ts';
import { lockNotices, recoverable } from './state-of-output.ts';

const LISTED_PAGES = 1000;

/**
 * What a run with these options would do. Reads what the run would read before its first worker, and all pages' headers;
 * starts no worker and writes nothing.
 * @throws Refusal (2 or 3) where the run would be refused
 */
export function makePlan(options: RunOptions, around: Surroundings): Promise<RunPlan> {
  return withCleanErrors(options, around, () => madePlan(options, around));
}

async function madePlan(options: RunOptions, around: Surroundings): Promise<RunPlan> {
  const resolved = await resolveRun(options, around);
  const inspector = new Inspector();
  try {
    const seen = noSightings();
    const ledgers = withRedactedOptions(await readLedgers(resolved.folders.state), resolved.redact);
    const folding = (await looksCaseFolding(resolved.folders.output)) ? 'all' : 'none';
    const archives = archiveReading(resolved, options, () => Promise.resolve(ledgers));
    const found = await sortOutPages(
      pagesOfInputs(resolved, options, seen, { archives }),
      resolved,
      options,
      {
        ledgers,
        folding,
        inspector,
        packed: packedOutputs(resolved, options, ledgers),
        overwriteSince:
          options.overwrite === 'all'
            ? await overwritingSince(resolved.folders.state, {
                optionsHash: resolved.optionsHash,
                part: options.part,
              })
            : undefined,
      },
    );
    if (seen.pages === 0) throw noPages(resolved, seen);
    await assertOwnArchives(found.todo, resolved, { options, ledgers });
    const recovered = await recoverable(found.todo, resolved, {
      part: options.part,
      inspector,
      ledgers,
    });
    const todo = recovered.size === 0 ? found.todo : found.todo.filter(({ id }) => !recovered.has(id));
    const looks = await lookAtPages(todo, inspector);
    const seconds = await learnPageSeconds({
      lines: linesOfUse(ledgers, resolved.shaping),
      optionsHash: resolved.optionsHash,
      root: resolved.inputs.root,
      inspector,
    });
    const notices: Notice[] = [
      ...(await lockNotices(resolved.folders.state)),
      ...resolved.warnings.map((text) => ({ level: 'warn' as const, text })),
      ...found.notices,
      ...noticesOfWalk(seen),
      ...unmeasured(todo),
      ...brokenLinesNotice(ledgers.broken),
    ];
    return planOf({
      options,
      resolved,
      seen,
      found,
      todo,
      recovered: recovered.size,
      looks,
      seconds,
      notices,
      redact: resolved.redact,
      env: around.env,
    });
  } finally {
    await inspector.close();
  }
}

/** A figure that leaves pages out says so. */
function unmeasured(todo: readonly Page[]): Notice[] {
  const count = todo.filter(({ entry }) => entry !== undefined).length;
  if (count === 0) return [];
  const pages = plural(count, 'page');
  return [{ level: 'info', text: `Megapixels leave out ${pages} in archives, which only a run opens.` }];
}

interface PlanParts {
  readonly options: RunOptions;
  readonly resolved: ResolvedRun;
  readonly seen: Sightings;
  readonly found: FoundPages;
  readonly todo: readonly Page[];
  readonly recovered: number;
  readonly looks: PageLooks;
  readonly seconds: PageSeconds | undefined;
  readonly notices: readonly Notice[];
  readonly redact: Redactor;
  readonly env: NodeJS.ProcessEnv;
}

function planOf(parts: PlanParts): RunPlan {
  const { options, resolved, seen, found, todo, looks, seconds, redact, env } = parts;
  const { translator, folders, inputs, strategy } = resolved;
  const slots = resolved.slots.slice(0, Math.max(1, todo.length));
  const shards = sharesOf(parts).map((share) => shardOf(share, looks, seconds));
  const unreadable = [
    ...found.unreadable.map(({ id, unreadable = '' }) => ({ page: id, message: unreadable })),
    ...[...looks.unreadable].map(([page, message]) => ({ page, message })),
  ];
  const { tally } = found;
  const otherOptions = [...tally.keptByHash.values()].reduce((sum, pages) => sum + pages, 0);
  return {
    v: 1,
    translator: { name: translator.name, kind: translator.kind },
    firstWorker: firstWorker(resolved, { slots, env, redact }),
    input: { root: inputs.root },
    output: { folder: folders.output, exists: folders.existed, work: folders.workPlace },
    strategy: { name: strategy, words: strategyWords(strategy), fixed: !isQueue(resolved) },
    ...(options.part && { part: options.part }),
    pages: {
      found: found.pages,
      todo: todo.length - looks.unreadable.size,
      skipped: found.skipped,
      unreadable: unreadable.length,
      collisions: found.collisions.length,
      recovered: parts.recovered,
    },
    todoBecause: countEach(
      todo.flatMap(({ id }) => (looks.unreadable.has(id) ? [] : (found.because.get(id) ?? []))),
    ),
    skippedBecause: {
      done: tally.skipped - tally.adopted,
      adopted: tally.adopted,
      otherOptions,
      touchedUp: tally.touchedUp,
    },
    leftOut: {
      filtered: seen.filtered,
      hidden: seen.hidden,
      ofSystem: Object.fromEntries(seen.ofSystem),
      earlierOutputs: seen.earlierOutputs,
      others: Object.fromEntries(seen.others),
      deadLinks: seen.deadLinks,
    },
    shards,
    ...(seconds && {
      seconds: Math.max(0, ...shards.map((shard) => shard.seconds ?? 0)),
      measured: {
        pages: seconds.sampled,
        byPixels: seconds.byPixels,
        otherOptions: seconds.otherOptions,
      },
    }),
    unreadable: unreadable.slice(0, LISTED_PAGES),
    collisions: found.collisions
      .slice(0, LISTED_PAGES)
      .map(({ page, with: other }) => ({ page: page.id, with: other })),
    settings: optionWords(options, resolved),
    notices: parts.notices.map(({ level, text }) => ({ level, text: redact.text(text) })),
  };
}

/** True where slots take from one queue, so that their shares depend on how fast they are. */
const isQueue = ({ strategy, translator }: ResolvedRun): boolean =>
  strategy === 'dynamic' || (strategy === 'vram' && translator.kind === 'warm');

/**
 * Deals the pages as the run does, those that are no images among them: it finds that out later. They are nobody's share
 * all the same, as no worker gets them.
 */
function sharesOf({ resolved, options, todo, looks, seconds }: PlanParts): Pick<Share, 'slot' | 'pages'>[] {
  const { strategy, translator } = resolved;
  const slots = resolved.slots.slice(0, todo.length);
  const schedule = makeSchedule(strategy, {
    pages: todo,
    slots,
    costOf: needsCosts(strategy) ? (page) => looks.pixels.get(page) ?? looks.averagePixels : () => 1,
    order: options.order,
    ...(resolved.byFolder && { groupOf: folderOf }),
    batches: translator.kind === 'one-shot' ? batchesOf(translator) : undefined,
    pageByPage: translator.kind === 'warm',
  });
  const shares = simulate({
    schedule,
    slots,
    pageByPage: translator.kind === 'warm' && isQueue(resolved),
    costOf: ({ id }, { gpu }) => {
      if (looks.unreadable.has(id)) return 0;
      const pixels = looks.pixels.get(id);
      return seconds ? seconds.of(pixels, gpu?.index ?? null) : (pixels ?? looks.averagePixels);
    },
  });
  return shares.map(({ slot, pages }) => ({
    slot,
    pages: pages.filter(({ id }) => !looks.unreadable.has(id)),
  }));
}

function countEach(words: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}

function shardOf(
  { slot, pages }: Pick<Share, 'slot' | 'pages'>,
  looks: PageLooks,
  seconds: PageSeconds | undefined,
): RunPlan['shards'][number] {
  const sum = { pixels: 0, seconds: 0 };
  for (const { id } of pages) {
    const pixels = looks.pixels.get(id);
    sum.pixels += pixels ?? 0;
    sum.seconds += seconds?.of(pixels, slot.gpu?.index ?? null) ?? 0;
  }
  return {
    slot: slot.id,
    gpu: gpuIndexOf(slot),
    ...(slot.gpu?.name !== undefined && { gpuName: slot.gpu.name }),
    pages: pages.length,
    pixels: sum.pixels,
    ...(seconds && { seconds: round3(sum.seconds) }),
  };
}
