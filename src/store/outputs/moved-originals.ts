import { lstat, readdir } from 'node:fs/promises';
import path from 'node:path';
import { isThere } from '../../model/is-there.ts';
import { unlessOutOfFiles } from '../../model/open-files.ts';
import type { Page, SourceStamp } from '../../model/page.ts';
import { BatchFolder } from './batch-folder.ts';
import { readRecord } from './batch-record.ts';
import { namesIn } from './names-in.ts';

/** A page whose link in a batch leads to its original, and what that was before a child had it. */
interface LinkedOriginal {
  readonly page: Page;
  readonly sighting: SourceStamp;
}

/**
 * The pages whose originals a batch's program has moved into the batch, in place of copying them. A moved file keeps its bytes and its
 * time, and is missing where it was.
 */
export async function movedOriginals(
  { input, output }: Pick<BatchFolder, 'input' | 'output'>,
  linked: readonly LinkedOriginal[],
): Promise<Page[]> {
  if (linked.length === 0) return [];
  const stamps = new Set<string>();
  for (const folder of [input, output]) for (const stamp of await stampsIn(folder)) stamps.add(stamp);
  if (stamps.size === 0) return [];
  const moved: Page[] = [];
  for (const { page, sighting } of linked)
    if (stamps.has(stampOf(sighting)) && !(await isThere(page.path))) moved.push(page);
  return moved;
}

/**
 * True where an ended run has said that originals are in one of its batches, or files among the pages of one may be: nobody but their
 * owner may remove these.
 */
export async function mayHoldOriginals(work: string): Promise<boolean> {
  for (const slot of await namesIn(work)) {
    for (const batch of await namesIn(path.join(work, slot))) {
      const { input, recordFile, originalsMark } = new BatchFolder(path.join(work, slot, batch));
      if (await isThere(originalsMark)) return true;
      const found = await stampsIn(input);
      if (found.length === 0) continue;
      const given = new Set([...((await readRecord(recordFile))?.stamps.values() ?? [])].map(stampOf));
      if (found.some((stamp) => given.has(stamp))) return true;
    }
  }
  return false;
}

const stampOf = ({ bytes, mtimeMs }: SourceStamp): string => `${bytes} ${mtimeMs}`;

/** Of the regular files below a folder. Copies that the launcher makes have times of their own. */
async function stampsIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(unlessOutOfFiles([]));
  const stamps: string[] = [];
  for (const entry of entries) {
    const at = path.join(folder, entry.name);
    if (entry.isDirectory()) stamps.push(...(await stampsIn(at)));
    const found = entry.isFile() && (await lstat(at).catch(() => undefined));
    if (found) stamps.push(stampOf({ bytes: found.size, mtimeMs: found.mtimeMs }));
  }
  return stamps;
}
