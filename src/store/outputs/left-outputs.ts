import { lstat } from 'node:fs/promises';
import path from 'node:path';
import type { Page, PageId } from '../../model/page.ts';
import { isContentOf } from '../../pages/same-content.ts';
import type { OneShotTranslator } from '../../translators/translator.ts';
import { listFiles } from '../../workers/output-names.ts';
import type { BatchFolder } from './batch-folder.ts';
import type { BatchRecord } from './batch-record.ts';

/** What says where a batch's outputs may be, besides the record of the batch. */
export type Leaver = Pick<OneShotTranslator, 'outputsOf' | 'outputsAmongPages' | 'nameInBatch'>;

/** A folder in an old batch that may hold outputs, and the names under which pages would have them there. */
export interface LeftPlace {
  readonly folder: string;
  /** Other such folders that lie in it: what is there belongs to them alone. */
  readonly inner: readonly string[];
  readonly pages: readonly Page[];
  readonly nameOf: (page: PageId) => string;
}

/** What is looked for in an old batch: its pages that are still to do, and who left outputs of them. */
export interface LeftBatch {
  readonly batch: BatchFolder;
  readonly record: BatchRecord;
  readonly pages: readonly Page[];
  readonly leaver: Leaver;
}

/** The name in its batch of a page that an old batch was given. */
export const nameIn =
  ({ record, leaver }: Pick<LeftBatch, 'record' | 'leaver'>) =>
  (page: PageId): string =>
    record.names.get(page) ?? leaver.nameInBatch?.(page) ?? page;

/**
 * Where the outputs of an old batch may be: where its own run expected them or had seen them, where this one does, and, for a translator that
 * leaves them among its pages, beside each folder of them.
 */
export function leftPlaces(left: LeftBatch): LeftPlace[] {
  const { batch, record, pages, leaver } = left;
  const { input, output } = batch;
  const nameOf = nameIn(left);
  const expected = leaver.outputsOf(batch);
  const recorded = record.outputs === undefined ? [] : [path.join(path.dirname(input), record.outputs)];
  const over = record.overInput ? [input] : [];
  const folders = [...new Set([...recorded, output, `${input}-translated`, expected, ...over])];
  const places: LeftPlace[] = folders.map((folder) => {
    const inner = folders.filter((other) => other.startsWith(`${folder}/`));
    return { folder, inner, pages, nameOf };
  });
  if (expected === input) places.push({ folder: batch.copies, inner: [], pages, nameOf });
  if (!leaver.outputsAmongPages) return places;
  const below = path.relative(input, expected);
  const byFolder = new Map<string, Page[]>();
  for (const page of pages) {
    const folder = path.posix.dirname(nameOf(page.id));
    byFolder.set(folder, [...(byFolder.get(folder) ?? []), page]);
  }
  byFolder.delete('.');
  for (const [folder, some] of byFolder) {
    const baseOf = (page: PageId): string => path.posix.basename(nameOf(page));
    places.push({ folder: path.join(input, folder, below), inner: [], pages: some, nameOf: baseOf });
  }
  return places;
}

/**
 * The files in such a folder that a child may have made, relative to it: not the pages that the batch was given, unless it
 * wrote over them where its outputs are.
 */
export async function filesIn(
  { folder, inner }: Pick<LeftPlace, 'folder' | 'inner'>,
  left: LeftBatch,
): Promise<string[]> {
  const { batch, record, pages } = left;
  const { copies } = batch;
  // While its program is on trial, what it writes over is where the links lead to.
  const input = folder === copies ? copies : batch.input;
  const files = (await listFiles(folder, path.dirname(input))).filter(
    (name) => !inner.some((other) => `${folder}/${name}`.startsWith(`${other}/`)),
  );
  if (files.length === 0 || (folder !== input && !folder.startsWith(`${input}/`))) return files;
  const nameOf = nameIn(left);
  const given = new Set([...record.stamps.keys()].map((page) => path.join(input, nameOf(page))));
  const todo = new Map(pages.map((page) => [path.join(input, nameOf(page.id)), page]));
  const made: string[] = [];
  for (const name of files) {
    const file = path.join(folder, name);
    const page = folder === input ? todo.get(file) : undefined;
    if (!given.has(file) || (page !== undefined && (await isWrittenOver(file, page)))) made.push(name);
  }
  return made;
}

/** A copy of a page is no output as long as its content is the page's. */
async function isWrittenOver(file: string, page: Page): Promise<boolean> {
  const found = await lstat(file).catch(() => undefined);
  return found?.isFile() === true && !(await isContentOf(page, file, found.size));
}
