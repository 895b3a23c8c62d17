import { lstat } from 'node:fs/promises';
import path from 'node:path';
import type { Page, PageId } from '../../model/page.ts';
import { hasImageSuffix } from '../../pages/image-format.ts';
import { type BatchNames, listFiles, OutputNames } from '../../workers/output-names.ts';
import { type ChildImages, likelyPattern } from '../../workers/understand-names.ts';
import { BatchFolder } from './batch-folder.ts';
import { namesIn } from './names-in.ts';
import { readRecord } from './recover-batches.ts';

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
  readonly names: BatchNames;
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
  { input, output, recordFile, unnamedMark }: BatchFolder,
  { todo, optionsHash, names }: UnnamedSetup,
): Promise<UnnamedOutputs | undefined> {
  const record = await readRecord(recordFile);
  if (record?.options !== optionsHash) return undefined;
  const pages = [...record.stamps.keys()].flatMap((id) => todo.get(id) ?? []);
  if (pages.length === 0) return undefined;
  const isMarked = await lstat(unnamedMark).then(
    () => true,
    () => false,
  );
  const outputNames = new OutputNames(pages, names);
  for (const folder of [output, `${input}-translated`]) {
    const images = (await listFiles(folder)).filter(hasImageSuffix);
    const isClear = images.some((name) => outputNames.pageOf(name) !== undefined);
    if (images.length === 0 || (isClear && !outputNames.areUnclear(images))) continue;
    const found = { where: folder, images, pages: pages.map(({ id }) => names.nameInBatch(id)) };
    if (isMarked || (likelyPattern(found)?.stems.size ?? 0) >= FEWEST_OF_KILLED) return found;
  }
  return undefined;
}
