import type { Page } from '../model/page.ts';
import type { Redactor } from '../model/redact.ts';
import type { RunOptions } from '../model/run-options.ts';
import { looksCaseFolding } from '../pages/case-folding.ts';
import { Inspector } from '../pages/inspector.ts';
import { noSightings, type Sightings } from '../pages/sightings.ts';
import { plural, round3 } from '../report/format.ts';
import { archiveReading, assertOwnArchives, packedOutputs } from '../run/archives-of-run.ts';
import { withCleanErrors } from '../run/clean-errors.ts';
import { earlierCosts } from '../run/earlier-costs.ts';
import { noPages, noticesOfWalk, pagesOfInputs } from '../run/pages-of-inputs.ts';
import { type ResolvedRun, resolveRun, type Surroundings } from '../run/resolve-run.ts';
import { pagesBegunBy, secondsOf } from '../schedule/forecast.ts';
import { readLedgers } from '../store/ledger/ledger.ts';
import { withRedactedOptions } from '../store/ledger/old-options.ts';
import { type FoundPages, sortOutPages } from '../store/resume/found-pages.ts';
import { overwritingSince } from '../store/resume/overwrite-marker.ts';
import type { Notice } from '../store/resume/resume-notices.ts';
import { brokenLinesNotice } from '../store/resume/resume-notices.ts';
import { clusterWords, nodeWords } from '../workers/hosts/ray/cluster-words.ts';
import { firstWorker } from './first-worker.ts';
import { lookAtPages, pixelsOf } from './look-at-pages.ts';
import { optionWords, strategyWords } from './option-words.ts';
import type { RunPlan } from './plan-schema.ts';
import { type Dealt, shardOf, sharesOf } from './shares-of-plan.ts';
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
    const { root } = resolved.inputs;
    const earlier = await earlierCosts({
      resolved,
      options,
      ledgers,
      env: around.env,
      pixelsOf: (pages) => pixelsOf(pages, { root, inspector }),
    });
    const unreadable = await lookAtPages(todo, { costs: earlier.costs, inspector });
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
      unreadable,
      earlier,
      notices,
      redact: resolved.redact,
      env: around.env,
    });
  } finally {
    await inspector.close();
    await resolved.cluster?.close();
  }
}

/** A figure that leaves pages out says so. */
function unmeasured(todo: readonly Page[]): Notice[] {
  const count = todo.filter(({ entry }) => entry !== undefined).length;
  if (count === 0) return [];
  const pages = plural(count, 'page');
  return [{ level: 'info', text: `Megapixels leave out ${pages} in archives, which only a run opens.` }];
}

interface PlanParts extends Dealt {
  readonly options: RunOptions;
  readonly seen: Sightings;
  readonly found: FoundPages;
  readonly recovered: number;
  readonly notices: readonly Notice[];
  readonly redact: Redactor;
  readonly env: NodeJS.ProcessEnv;
}

function planOf(parts: PlanParts): RunPlan {
  const { options, resolved, seen, found, todo, earlier, redact, env } = parts;
  const { costs, measured } = earlier;
  const { translator, folders, inputs, strategy } = resolved;
  const slots = resolved.slots.slice(0, Math.max(1, todo.length));
  const shares = sharesOf(parts);
  const shards = shares.map((share) => shardOf(share, earlier));
  const seconds = measured && secondsOf(shares);
  const withoutLoads = costs.loadSecondsOn(slots[0]?.id ?? '') === undefined;
  const unreadable = [
    ...found.unreadable.map(({ id, unreadable = '' }) => ({ page: id, message: unreadable })),
    ...[...parts.unreadable].map(([page, message]) => ({ page, message })),
  ];
  const { tally } = found;
  const otherOptions = [...tally.keptByHash.values()].reduce((sum, pages) => sum + pages, 0);
  return {
    v: 1,
    translator: { name: translator.name, kind: translator.kind },
    firstWorker: firstWorker(resolved, { slots, env, redact, options }),
    input: { root: inputs.root },
    output: { folder: folders.output, exists: folders.existed, work: folders.workPlace },
    strategy: {
      name: strategy,
      words: strategyWords(strategy),
      fixed: !isQueue(resolved),
      ...(resolved.strategyWhy !== undefined && { auto: resolved.strategyWhy }),
    },
    ...(resolved.cluster && {
      cluster: {
        engine: clusterWords(resolved.cluster),
        nodes: resolved.cluster.nodesAtFirst.map(nodeWords),
        gpus: resolved.gpus.length,
      },
    }),
    ...(options.part && { part: options.part }),
    pages: {
      found: found.pages,
      todo: todo.length - parts.unreadable.size,
      skipped: found.skipped,
      unreadable: unreadable.length,
      collisions: found.collisions.length,
      recovered: parts.recovered,
    },
    todoBecause: countEach(
      todo.flatMap(({ id }) => (parts.unreadable.has(id) ? [] : (found.because.get(id) ?? []))),
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
    ...(seconds !== undefined && { seconds: round3(seconds), withoutLoads, measured }),
    ...(seconds !== undefined &&
      options.maxTimeMs > 0 && { pagesInTime: pagesBegunBy(shares, options.maxTimeMs / 1000) }),
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

function countEach(words: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}
