import type { Page } from '../model/page.ts';
import type { RunOptions } from '../model/run-options.ts';
import type { ArchiveReading } from '../pages/sources/pages-of-archive.ts';
import { ArchivePacker } from '../store/archives/archive-packer.ts';
import { ArchivePlaces } from '../store/archives/archive-places.ts';
import { assertOwn } from '../store/archives/assert-own.ts';
import { PackedOutputs } from '../store/archives/packed-outputs.ts';
import { settledArchives } from '../store/archives/settled-archives.ts';
import type { Ledgers } from '../store/ledger/ledger.ts';
import type { ResolvedRun } from './resolve-run.ts';

/** How archives among the inputs are read; undefined where they are left out. `ledgers` are asked for with the first archive. */
export function archiveReading(
  { folders, optionsHash }: Pick<ResolvedRun, 'folders' | 'optionsHash'>,
  { archives, overwrite }: Pick<RunOptions, 'archives' | 'overwrite'>,
  ledgers: () => Promise<Ledgers>,
): ArchiveReading | undefined {
  if (archives === 'off') return undefined;
  const places = new ArchivePlaces(folders, archives);
  return {
    outputsOf: places.outputsOf,
    settled: settledArchives({ ledgers, places, overwrite, optionsHash }),
  };
}

/** Outputs in the archives of earlier runs; undefined where no archives are packed. */
export const packedOutputs = (
  { folders }: Pick<ResolvedRun, 'folders'>,
  { archives }: Pick<RunOptions, 'archives'>,
  ledgers: Pick<Ledgers, 'archives'>,
): PackedOutputs | undefined =>
  archives === 'pack' ? new PackedOutputs(ledgers.archives, new ArchivePlaces(folders, archives)) : undefined;

/** Sees to it that packing the archives of these pages writes over no file that no run wrote. @throws Refusal (3) */
export async function assertOwnArchives(
  todo: readonly Page[],
  { folders }: Pick<ResolvedRun, 'folders'>,
  { options, ledgers }: { readonly options: RunOptions; readonly ledgers: Pick<Ledgers, 'archives'> },
): Promise<void> {
  if (options.archives !== 'pack') return;
  const places = new ArchivePlaces(folders, 'pack');
  const toPack = new Set(todo.flatMap(({ entry }) => entry?.archive.id ?? []));
  await assertOwn(toPack, { places, lines: ledgers.archives, overwrite: options.overwrite });
}

/** What packs the archives of a run; undefined where none are packed. */
export const packerOf = (
  { folders }: Pick<ResolvedRun, 'folders'>,
  packed: PackedOutputs | undefined,
  setup: Omit<ConstructorParameters<typeof ArchivePacker>[0], 'outputRoot' | 'places' | 'packed'>,
): ArchivePacker | undefined =>
  packed &&
  new ArchivePacker({
    ...setup,
    outputRoot: folders.output,
    places: new ArchivePlaces(folders, 'pack'),
    packed,
  });
