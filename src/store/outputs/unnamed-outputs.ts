import { lstat } from 'node:fs/promises';
import path from 'node:path';
import type { Page, PageId, SourceStamp } from '../../model/page.ts';
import { hasImageSuffix } from '../../pages/image-format.ts';
import type { Inspector } from '../../pages/inspector.ts';
import { isSameContent } from '../../pages/same-content.ts';
import { kindOfEnding } from '../../workers/ending-kind.ts';
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
  readonly inspector: Pick<Inspector, 'verify'>;
}

/** The images of one batch that are no outputs as far as names are known. */
interface BatchImages extends UnnamedOutputs {
  /** Its child came to its own end. */
  readonly isMarked: boolean;
  readonly stamps: ReadonlyMap<PageId, SourceStamp>;
}

/**
 * The first batch in the work folder of an earlier run that may have been made already, of pages that are still to do: its child's
 * images are no outputs as far as names are known. Reads only.
 */
export async function findUnnamed(work: string, setup: UnnamedSetup): Promise<UnnamedOutputs | undefined> {
  for (const batch of await batchesIn(work)) {
    const found = await unnamedInBatch(batch, setup);
    if (found) return found;
  }
  return undefined;
}

/** What of a batch may have been made already: many images, or one that is whole and not on the way to a page. Reads only. */
export async function unnamedInBatch(
  batch: BatchFolder,
  setup: UnnamedSetup,
): Promise<UnnamedOutputs | undefined> {
  for (const found of await imagesOf(batch, setup)) {
    if (found.isMarked) return found;
    const likely = likelyPattern(found);
    if (likely === undefined) continue;
    if (likely.stems.size >= FEWEST_OF_KILLED) return found;
    const isOnTheWay = ['step', 'passing'].includes(kindOfEnding(likely.pattern));
    if (!isOnTheWay && (await isAnyWhole(found, setup))) return found;
  }
  return undefined;
}

/**
 * The images of all batches of earlier runs whose children were cut short, with the batches' pages. None where a child came to its own
 * end, and the user was asked how its outputs are named. Reads only.
 */
export async function imagesLeft(works: readonly string[], setup: UnnamedSetup): Promise<ChildImages> {
  const left = { pages: [] as string[], images: [] as string[] };
  for (const work of works) {
    for (const batch of await batchesIn(work)) {
      for (const { isMarked, pages, images } of await imagesOf(batch, setup)) {
        if (isMarked) return { pages: [], images: [] };
        left.pages.push(...pages);
        left.images.push(...images);
      }
    }
  }
  return left;
}

async function batchesIn(work: string): Promise<BatchFolder[]> {
  const found: BatchFolder[] = [];
  for (const slot of await namesIn(work)) {
    const folder = path.join(work, slot);
    found.push(...(await namesIn(folder)).map((batch) => new BatchFolder(path.join(folder, batch))));
  }
  return found;
}

/** In each of the folders that its outputs may be in. */
async function imagesOf(
  { input, output, recordFile, unnamedMark }: BatchFolder,
  { todo, optionsHash, names }: UnnamedSetup,
): Promise<BatchImages[]> {
  const record = await readRecord(recordFile);
  if (record?.options !== optionsHash) return [];
  const { stamps } = record;
  const pages = [...stamps.keys()].flatMap((id) => todo.get(id) ?? []);
  if (pages.length === 0) return [];
  const isMarked = await lstat(unnamedMark).then(
    () => true,
    () => false,
  );
  const outputNames = new OutputNames(pages, names);
  const found: BatchImages[] = [];
  for (const where of [output, `${input}-translated`]) {
    const images = (await listFiles(where)).filter(hasImageSuffix);
    const isClear = images.some((name) => outputNames.pageOf(name) !== undefined);
    if (images.length === 0 || (isClear && !outputNames.areUnclear(images))) continue;
    found.push({ where, images, pages: pages.map(({ id }) => names.nameInBatch(id)), isMarked, stamps });
  }
  return found;
}

/** True where one is whole by its format's end, and no copy of a page. */
async function isAnyWhole(
  { where, images, stamps }: BatchImages,
  { todo, inspector }: UnnamedSetup,
): Promise<boolean> {
  const files = images.map((name) => path.join(where, name));
  for (const [at, { verdict }] of (await inspector.verify(files)).entries()) {
    if (!('whole' in verdict) || !verdict.whole || !verdict.endChecked) continue;
    const { bytes } = verdict;
    const alike = [...stamps].flatMap(([id, stamp]) => (stamp.bytes === bytes ? (todo.get(id) ?? []) : []));
    const areSame = alike.map(({ path: source }) => isSameContent(files[at] ?? '', source, bytes));
    if (!(await Promise.all(areSame)).includes(true)) return true;
  }
  return false;
}
