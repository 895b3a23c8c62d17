import type { Page } from '../model/page.ts';
import type { RunOptions } from '../model/run-options.ts';
import type { ArchiveReading } from '../pages/sources/pages-of-archive.ts';
import { ArchivePacker } from '../store/archives/archive-packer.ts';
import { ArchivePlaces } from '../store/archives/archive-places.ts';
import { assertOwn } from '../store/archives/assert-own.ts';
import { bringOutputs } from '../store/archives/bring-outputs.ts';
import { PackedOutputs } from '../store/archives/packed-outputs.ts';
import { settledArchives } from '../store/archives/settled-archives.ts';
import { waitingForNone } from '../store/archives/waiting-for-none.ts';
import type { Ledgers } from '../store/ledger/ledger.ts';
import type { SortedChunk } from '../store/resume/sort-pages.ts';
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
    // What was packed is still to be unpacked.
    settled:
      archives === 'folder'
        ? () => Promise.resolve(undefined)
        : settledArchives({ ledgers, places, overwrite, optionsHash }),
  };
}

/** Outputs in the archives of earlier runs; undefined where no archives are read. */
export const packedOutputs = (
  { folders }: Pick<ResolvedRun, 'folders'>,
  { archives }: Pick<RunOptions, 'archives'>,
  ledgers: Pick<Ledgers, 'archives'>,
): PackedOutputs | undefined =>
  archives === 'off' ? undefined : new PackedOutputs(ledgers.archives, new ArchivePlaces(folders, archives));

/** Sees to it that packing the archives of these pages writes over no file that no run wrote. @throws Refusal (3) */
export async function assertOwnArchives(
  todo: readonly Page[],
  { folders }: Pick<ResolvedRun, 'folders'>,
  { options, ledgers }: { readonly options: RunOptions; readonly ledgers: Pick<Ledgers, 'archives'> },
): Promise<void> {
  if (options.archives !== 'pack') return;
  const places = new ArchivePlaces(folders, 'pack');
  const toPack = new Map(todo.flatMap(({ entry }) => (entry ? [[entry.archive.id, entry.archive]] : [])));
  const packed = new PackedOutputs(ledgers.archives, places);
  const { archives: lines } = ledgers;
  await assertOwn(toPack.values(), { places, lines, packed, overwrite: options.overwrite });
}

/** What packs the archives of a run; undefined where none are packed. */
export const packerOf = (
  { folders }: Pick<ResolvedRun, 'folders'>,
  packed: PackedOutputs | undefined,
  { archives }: Pick<RunOptions, 'archives'>,
  setup: Omit<ConstructorParameters<typeof ArchivePacker>[0], 'outputRoot' | 'places' | 'packed'>,
): ArchivePacker | undefined =>
  packed && archives === 'pack'
    ? new ArchivePacker({
        ...setup,
        outputRoot: folders.output,
        places: new ArchivePlaces(folders, 'pack'),
        packed,
      })
    : undefined;

/** What a run does for archives besides packing: see `pagesToDo`. */
export const archiveWorks = (
  { folders, inputs }: Pick<ResolvedRun, 'folders' | 'inputs'>,
  { archives }: Pick<RunOptions, 'archives'>,
  setup: Omit<Parameters<typeof bringOutputs>[1], 'outputRoot'>,
): {
  readonly bring: (brought: SortedChunk['brought']) => Promise<void>;
  readonly waitingPages: () => Promise<string | undefined>;
} => ({
  bring: (brought) => bringOutputs(brought, { ...setup, outputRoot: folders.output }),
  waitingPages: async () => (archives === 'pack' ? waitingForNone(folders.output, inputs.root) : undefined),
});
