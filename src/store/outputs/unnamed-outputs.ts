import { lstat } from 'node:fs/promises';
import path from 'node:path';
import type { Page, PageId } from '../../model/page.ts';
import { hasImageSuffix } from '../../pages/image-format.ts';
import { type BatchNames, OutputNames } from '../../workers/output-names.ts';
import { type ChildImages, likelyPattern } from '../../workers/understand-names.ts';
import { BatchFolder } from './batch-folder.ts';
import { readRecord } from './batch-record.ts';
import { filesIn, type Leaver, leftPlaces } from './left-outputs.ts';
import { namesIn } from './names-in.ts';

/** A killed child may have been on one page, whatever it had written for that one. */
const FEWEST_OF_KILLED = 2;

/** Images that an earlier run left, and that may be outputs under names that nobody knows. */
export interface UnnamedOutputs extends ChildImages {
  /** Where they are. */
  readonly where: string;
}

/** Pages that are still to do, and how their outputs are named as far as it is known. */
interface UnnamedSetup {
  readonly todo: ReadonlyMap<PageId, Page>;
  readonly optionsHash: string;
  readonly names: Omit<BatchNames, 'nameInBatch'>;
  readonly leaver: Leaver;
}

/**
 * The first batch in the work folder of an earlier run that may have been made already, of pages that are still to do: its child's
 * images are no outputs as far as names are known. Reads only.
 */
export async function findUnnamed(work: string, setup: UnnamedSetup): Promise<UnnamedOutputs | undefined> {
  for (const slot of await namesIn(work)) {
    for (const batch of await namesIn(path.join(work, slot))) {
      const found = await unnamedInBatch(new BatchFolder(path.join(work, slot, batch)), setup);
      if (found) return found;
    }
  }
  return undefined;
}

async function unnamedInBatch(
  batch: BatchFolder,
  { todo, optionsHash, names, leaver }: UnnamedSetup,
): Promise<UnnamedOutputs | undefined> {
  const record = await readRecord(batch.recordFile);
  if (record?.options !== optionsHash) return undefined;
  const pages = [...record.stamps.keys()].flatMap((id) => todo.get(id) ?? []);
  if (pages.length === 0) return undefined;
  const isMarked = await lstat(batch.unnamedMark).then(
    () => true,
    () => false,
  );
  const leftBatch = { batch, record, pages, leaver };
  for (const { folder, pages: some, nameOf } of leftPlaces(leftBatch)) {
    const outputNames = new OutputNames(some, { ...names, nameInBatch: nameOf });
    const images = (await filesIn(folder, leftBatch)).filter(hasImageSuffix);
    const isClear = images.some((name) => outputNames.pageOf(name) !== undefined);
    if (images.length === 0 || (isClear && !outputNames.areUnclear(images))) continue;
    const found = { where: folder, images, pages: some.map(({ id }) => nameOf(id)) };
    if (isMarked || (likelyPattern(found)?.stems.size ?? 0) >= FEWEST_OF_KILLED) return found;
  }
  return undefined;
}
