import { stat } from 'node:fs/promises';
import { isGood, OUTCOMES } from '../../model/outcome.ts';
import type { PageId } from '../../model/page.ts';
import type { RunOptions } from '../../model/run-options.ts';
import type { ArchiveNow } from '../../pages/sources/pages-of-archive.ts';
import type { Ledgers } from '../ledger/ledger.ts';
import type { ArchiveLine } from '../ledger/ledger-line.ts';
import type { ArchivePlaces } from './archive-places.ts';

/** What tells whether an archive is done. */
interface SettledSetup {
  /** Asked for with the first archive. */
  readonly ledgers: () => Promise<Pick<Ledgers, 'archives' | 'pages'>>;
  readonly places: ArchivePlaces;
  readonly overwrite: RunOptions['overwrite'];
  readonly optionsHash: string;
}

/**
 * Tells which pages an archive has that was packed whole and has not changed since, nor has what came of it; undefined for
 * any other.
 */
export function settledArchives(
  setup: SettledSetup,
): (archive: ArchiveNow) => Promise<readonly PageId[] | undefined> {
  let known: Promise<Known> | undefined;
  return async (archive) => {
    if (setup.overwrite === 'all') return undefined;
    known ??= setup.ledgers().then(knownFrom);
    const { archives, pages, idsOf } = await known;
    const line = archives.get(archive.id);
    if (!line || !isUnchanged(line, archive) || !isWhole(line)) return undefined;
    const ids = idsOf.get(archive.id) ?? [];
    const good = ids.filter((id) => isGood(pages.get(id)?.outcome ?? 'failed'));
    if (good.length !== line.pages) return undefined;
    const areOther = good.some((id) => pages.get(id)?.options !== setup.optionsHash);
    if (setup.overwrite === 'changed' && areOther) return undefined;
    const output = await stat(setup.places.whole(archive.id).file).catch(() => undefined);
    return output?.size === line.outputBytes ? good : undefined;
  };
}

interface Known extends Pick<Ledgers, 'archives' | 'pages'> {
  /** The pages of each archive that was packed. */
  readonly idsOf: ReadonlyMap<PageId, readonly PageId[]>;
}

function knownFrom({ archives, pages }: Pick<Ledgers, 'archives' | 'pages'>): Known {
  const idsOf = new Map<PageId, PageId[]>([...archives.keys()].map((id) => [id, []]));
  for (const id of archives.size === 0 ? [] : pages.keys()) {
    for (let end = id.indexOf('/'); end > 0; end = id.indexOf('/', end + 1)) {
      const ids = idsOf.get(id.slice(0, end));
      if (ids === undefined) continue;
      ids.push(id);
      break;
    }
  }
  return { archives, pages, idsOf };
}

/** By its time; one that was copied by what its directory says. */
const isUnchanged = (line: ArchiveLine, now: ArchiveNow): boolean =>
  line.bytes === now.bytes && (line.mtimeMs === now.mtimeMs || line.directoryCrc === now.directoryCrc);

/** True where all of its pages have a good outcome: none failed, none was left out by a filter. */
const isWhole = ({ pages, outcomes }: ArchiveLine): boolean =>
  OUTCOMES.reduce((sum, outcome) => sum + (isGood(outcome) ? (outcomes[outcome] ?? 0) : 0), 0) === pages;
