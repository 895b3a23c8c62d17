import { lstat } from 'node:fs/promises';
import path from 'node:path';
import type { Page, PageId } from '../../model/page.ts';
import { hasImageSuffix } from '../../pages/image-format.ts';
import type { Inspector } from '../../pages/inspector.ts';
import { isContentOf } from '../../pages/same-content.ts';
import { kindOfEnding } from '../../workers/ending-kind.ts';
import { type BatchNames, OutputNames } from '../../workers/output-names.ts';
import { likelyOutputs, type Misplaced } from '../../workers/places-among-pages.ts';
import { type ChildImages, likelyPattern } from '../../workers/understand-names.ts';
import { BatchFolder } from './batch-folder.ts';
import { readRecord } from './batch-record.ts';
import { filesIn, type Leaver, type LeftBatch, leftPlaces, nameIn } from './left-outputs.ts';
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
  readonly inspector: Pick<Inspector, 'verify'>;
  /** Only what an earlier run kept because of what its child left. */
  readonly isMarked?: boolean;
}

/** Images that an earlier run's child made among the pages of its batch. */
export interface MisplacedOutputs extends Misplaced {
  /** The batch's input folder. */
  readonly where: string;
}

/** A batch of which some pages are still to do. */
interface OpenBatch extends LeftBatch {
  /** It was kept because of what its child left. */
  readonly isMarked: boolean;
}

/**
 * The first batch in the work folder of an earlier run that may have been made already, of pages that are still to do: its child's
 * images are no outputs as far as names are known. Reads only.
 */
export const findUnnamed = (work: string, setup: UnnamedSetup): Promise<UnnamedOutputs | undefined> =>
  firstOf(work, setup, unnamedIn);

/** The same of a batch whose child left images among its pages, where no outputs are expected. Reads only. */
export const findMisplaced = (work: string, setup: UnnamedSetup): Promise<MisplacedOutputs | undefined> =>
  firstOf(work, setup, misplacedIn);

/** What of a batch may have been made already: many images, or one that is whole and not on the way to a page. Reads only. */
export async function unnamedInBatch(
  batch: BatchFolder,
  setup: UnnamedSetup,
): Promise<UnnamedOutputs | undefined> {
  const open = await openBatch(batch, setup);
  return open && unnamedIn(open, setup);
}

/**
 * The images of all batches of earlier runs whose children were cut short, with the batches' pages. None where a child came to its own
 * end, and the user was asked how its outputs are named. Reads only.
 */
export async function imagesLeft(works: readonly string[], setup: UnnamedSetup): Promise<ChildImages> {
  const left = { pages: [] as string[], images: [] as string[] };
  for (const work of works) {
    for (const batch of await openBatchesIn(work, setup)) {
      for (const { pages, images } of await imagesOf(batch, setup)) {
        if (batch.isMarked) return { pages: [], images: [] };
        left.pages.push(...pages);
        left.images.push(...images);
      }
    }
  }
  return left;
}

async function firstOf<T>(
  work: string,
  setup: UnnamedSetup,
  look: (batch: OpenBatch, setup: UnnamedSetup) => Promise<T | undefined>,
): Promise<T | undefined> {
  for (const batch of await openBatchesIn(work, setup)) {
    if (setup.isMarked && !batch.isMarked) continue;
    const found = await look(batch, setup);
    if (found) return found;
  }
  return undefined;
}

async function openBatchesIn(work: string, setup: UnnamedSetup): Promise<OpenBatch[]> {
  const found: OpenBatch[] = [];
  for (const slot of await namesIn(work)) {
    const folder = path.join(work, slot);
    for (const name of await namesIn(folder)) {
      const batch = await openBatch(new BatchFolder(path.join(folder, name)), setup);
      if (batch) found.push(batch);
    }
  }
  return found;
}

async function openBatch(
  batch: BatchFolder,
  { todo, optionsHash, leaver }: UnnamedSetup,
): Promise<OpenBatch | undefined> {
  const record = await readRecord(batch.recordFile);
  if (record?.options !== optionsHash) return undefined;
  const pages = [...record.stamps.keys()].flatMap((id) => todo.get(id) ?? []);
  if (pages.length === 0) return undefined;
  const isMarked = await lstat(batch.unnamedMark).then(
    () => true,
    () => false,
  );
  return { batch, record, pages, leaver, isMarked };
}

/** Its child's images, in each of the folders that its outputs may be in, where they are no outputs as far as names are known. */
async function imagesOf(left: OpenBatch, { names }: UnnamedSetup): Promise<UnnamedOutputs[]> {
  const found: UnnamedOutputs[] = [];
  for (const place of leftPlaces(left)) {
    const { folder, pages, nameOf } = place;
    const outputNames = new OutputNames(pages, { ...names, nameInBatch: nameOf });
    const images = (await filesIn(place, left)).filter(hasImageSuffix);
    const isClear = images.some((name) => outputNames.pageOf(name) !== undefined);
    if (images.length === 0 || (isClear && !outputNames.areUnclear(images))) continue;
    found.push({ where: folder, images, pages: pages.map(({ id }) => nameOf(id)) });
  }
  return found;
}

async function unnamedIn(left: OpenBatch, setup: UnnamedSetup): Promise<UnnamedOutputs | undefined> {
  for (const found of await imagesOf(left, setup)) {
    if (isMade(left, found)) return found;
    const likely = likelyPattern(found);
    const isOnTheWay = likely === undefined || ['step', 'passing'].includes(kindOfEnding(likely.pattern));
    if (!isOnTheWay && (await isAnyWhole(left, found, setup))) return found;
  }
  return undefined;
}

/** True where one is whole by its format's end, and no copy of a page. */
async function isAnyWhole(
  { record: { stamps } }: OpenBatch,
  { where, images }: UnnamedOutputs,
  { todo, inspector }: UnnamedSetup,
): Promise<boolean> {
  const files = images.map((name) => path.join(where, name));
  for (const [at, { verdict }] of (await inspector.verify(files)).entries()) {
    if (!('whole' in verdict) || !verdict.whole || !verdict.endChecked) continue;
    const { bytes } = verdict;
    const alike = [...stamps].flatMap(([id, stamp]) => (stamp.bytes === bytes ? (todo.get(id) ?? []) : []));
    const areSame = alike.map((page) => isContentOf(page, files[at] ?? '', bytes));
    if (!(await Promise.all(areSame)).includes(true)) return true;
  }
  return false;
}

async function misplacedIn(left: OpenBatch): Promise<MisplacedOutputs | undefined> {
  const where = left.batch.input;
  const nameOf = nameIn(left);
  const given = new Set([...left.record.stamps.keys()].map(nameOf));
  const images = (await filesIn({ folder: where, inner: [] }, left)).filter(hasImageSuffix);
  const overCopies = await filesIn({ folder: left.batch.copies, inner: [] }, left);
  const misplaced = {
    where,
    pages: left.pages.map(({ id }) => nameOf(id)),
    inInput: images.filter((name) => !given.has(name)),
    overInput: [...images, ...overCopies].filter((name) => given.has(name)),
  };
  const likely = likelyOutputs(misplaced, { cut: !left.isMarked });
  return likely.images.length > 0 && isMade(left, likely) ? misplaced : undefined;
}

const isMade = ({ isMarked }: OpenBatch, found: ChildImages): boolean =>
  isMarked || (likelyPattern(found)?.stems.size ?? 0) >= FEWEST_OF_KILLED;
