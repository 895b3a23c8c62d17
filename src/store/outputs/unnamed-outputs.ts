import { lstat } from 'node:fs/promises';
import path from 'node:path';
import type { Page, PageId } from '../../model/page.ts';
import { hasImageSuffix } from '../../pages/image-format.ts';
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
}

/** Images that an earlier run's child made among the pages of its batch. */
export interface MisplacedOutputs extends Misplaced {
  /** The batch's input folder. */
  readonly where: string;
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

/** A batch of which some pages are still to do. */
interface OpenBatch extends LeftBatch {
  /** It was kept because of what its child left. */
  readonly isMarked: boolean;
}

async function firstOf<T>(
  work: string,
  setup: UnnamedSetup,
  look: (batch: OpenBatch, setup: UnnamedSetup) => Promise<T | undefined>,
): Promise<T | undefined> {
  for (const slot of await namesIn(work)) {
    for (const name of await namesIn(path.join(work, slot))) {
      const batch = await openBatch(new BatchFolder(path.join(work, slot, name)), setup);
      const found = batch && (await look(batch, setup));
      if (found) return found;
    }
  }
  return undefined;
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

async function unnamedIn(left: OpenBatch, { names }: UnnamedSetup): Promise<UnnamedOutputs | undefined> {
  for (const { folder, pages, nameOf } of leftPlaces(left)) {
    const outputNames = new OutputNames(pages, { ...names, nameInBatch: nameOf });
    const images = (await filesIn(folder, left)).filter(hasImageSuffix);
    const isClear = images.some((name) => outputNames.pageOf(name) !== undefined);
    if (images.length === 0 || (isClear && !outputNames.areUnclear(images))) continue;
    const found = { where: folder, images, pages: pages.map(({ id }) => nameOf(id)) };
    if (isMade(left, found)) return found;
  }
  return undefined;
}

async function misplacedIn(left: OpenBatch): Promise<MisplacedOutputs | undefined> {
  const where = left.batch.input;
  const nameOf = nameIn(left);
  const given = new Set([...left.record.stamps.keys()].map(nameOf));
  const images = (await filesIn(where, left)).filter(hasImageSuffix);
  const misplaced = {
    where,
    pages: left.pages.map(({ id }) => nameOf(id)),
    inInput: images.filter((name) => !given.has(name)),
    overInput: images.filter((name) => given.has(name)),
  };
  const likely = likelyOutputs(misplaced);
  return likely.images.length > 0 && isMade(left, likely) ? misplaced : undefined;
}

const isMade = ({ isMarked }: OpenBatch, found: ChildImages): boolean =>
  isMarked || (likelyPattern(found)?.stems.size ?? 0) >= FEWEST_OF_KILLED;
