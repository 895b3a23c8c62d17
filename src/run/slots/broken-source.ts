import type { AttemptResult, PageFailure } from '../../dispatch/assignment.ts';
import { suspectsOf } from '../../dispatch/suspects.ts';
import type { Page } from '../../model/page.ts';
import type { Inspector } from '../../pages/inspector.ts';
import { tellsBrokenContext } from '../../translators/broken-context.ts';
import { tellsOutOfMemory } from '../../translators/out-of-memory.ts';
import { serviceRefusal } from '../../translators/service-refusal.ts';
import { tellsException } from '../../workers/last-words.ts';
import { NOTHING_BACK } from './record-success.ts';

/** Of the failures of one batch: where all of its pages fail, their sources are no reason. The others come again. */
const MOST_READ = 16;

type Looks = Pick<Inspector, 'verify'>;

/**
 * Failures of pages, where a source that is truncated or damaged tells why: these are `unreadable`, and no other try would
 * change that. Reads the sources of pages that failed, and no others.
 */
export async function blameSources(
  inspector: Looks,
  failures: readonly PageFailure[],
): Promise<readonly PageFailure[]> {
  const whyOf = await brokenOnes(inspector, failures);
  return failures.map((failure) => {
    const why = whyOf.get(failure.page);
    return why === undefined ? failure : unreadable(failure, `${why} (the translator: ${failure.message})`);
  });
}

/** The same for a child that left pages undone: those that it was lost on may be the cause. */
export async function blameSourcesOfBatch(inspector: Looks, result: AttemptResult): Promise<AttemptResult> {
  if (result.by !== 'lost' && result.by !== 'no-start') return result;
  const { lost } = result;
  const { failed, undone, suspects } = result.by === 'lost' ? afterSigns(result) : withoutSigns(result);
  const told = suspects.map((page) => lostOn(page, lost.lastWords));
  const whyOf = await brokenOnes(inspector, told);
  // Other words may be of another page: the program may have passed this one over.
  const said = tellsException(lost.lastLines) ? ` (the translator: ${lost.lastWords})` : '';
  const broken = told.flatMap((failure) => {
    const why = whyOf.get(failure.page);
    return why === undefined ? [] : [unreadable(failure, `${why}${said}`)];
  });
  const blamed = await blameSources(inspector, failed);
  if (broken.length === 0 && !blamed.some(({ isOwn }) => isOwn)) return result;
  const evidence = result.by === 'lost' ? result.evidence : NO_SIGNS;
  return {
    by: 'lost',
    failed: [...blamed, ...broken],
    evidence: { ...evidence, pages: undone.filter((page) => !whyOf.has(page)) },
    lost,
  };
}

const NO_SIGNS = { finished: [], named: [], outputsSinceNamed: 0, broken: new Map() };

interface LostOn {
  readonly failed: readonly PageFailure[];
  readonly undone: readonly Page[];
  readonly suspects: readonly Page[];
}

function afterSigns({ failed, evidence }: Extract<AttemptResult, { by: 'lost' }>): LostOn {
  const told = new Set(failed.map(({ page }) => page));
  const undone = evidence.pages.filter((page) => !told.has(page));
  return { failed, undone, suspects: suspectsOf({ ...evidence, pages: undone }).suspects };
}

/** A program that gets its pages with its start may have died of the first one. */
const withoutSigns = ({ remaining, alone }: Extract<AttemptResult, { by: 'no-start' }>): LostOn =>
  alone
    ? { failed: [alone], undone: [], suspects: [] }
    : { failed: [], undone: remaining, suspects: remaining.slice(0, 1) };

const lostOn = (page: Page, message: string): PageFailure => ({
  page,
  reason: 'crash',
  message,
  streak: 1,
  isFresh: true,
});

/** False for a failure that has another cause whatever is in the file, and where no process had the page. */
function mayBeOfSource({ page, reason, message, streak, isOwn }: PageFailure): boolean {
  if (isOwn || streak === 0 || reason === 'oom' || message === NOTHING_BACK.message) return false;
  if (tellsOutOfMemory([message]) || tellsBrokenContext([message])) return false;
  return serviceRefusal(message, page.id, { hasAnswered: true }) === undefined;
}

/** Of these pages those with a broken source, and what is wrong with it. */
async function brokenOnes(
  inspector: Looks,
  failures: readonly PageFailure[],
): Promise<ReadonlyMap<Page, string>> {
  const pages = failures
    .filter(mayBeOfSource)
    .slice(0, MOST_READ)
    .map(({ page }) => page);
  if (pages.length === 0) return new Map();
  const looks = await inspector.verify(pages.map(({ path, entry }) => entry ?? path));
  return new Map(
    looks.flatMap(({ verdict }, at) => {
      const page = pages[at];
      // What is no file, or gone, has no structure.
      const isBroken = page && 'whole' in verdict && !verdict.whole && verdict.bytes !== undefined;
      return isBroken ? [[page, verdict.why]] : [];
    }),
  );
}

const unreadable = (failure: PageFailure, message: string): PageFailure => ({
  ...failure,
  reason: 'unreadable',
  message,
  cause: failure.cause ?? failure.message,
  isOwn: true,
});
