import { mkdir, realpath, rename, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { BatchFolder } from '../../../src/store/outputs/batch-folder.ts';
import { changedCopies, removedCopies } from '../../../src/store/outputs/changed-copies.ts';
import { tempFolder } from '../../pages/temp-folder.ts';

const CONTENT = Buffer.alloc(100, 'a');
const OTHER = Buffer.alloc(100, 'b');

/** Pages whose links in a batch lead to copies, which a child had afterwards. */
async function trial(pages: readonly string[]) {
  const folder = await tempFolder();
  const batch = new BatchFolder(path.join(folder, 'batch'));
  for (const made of [batch.input, batch.copies, path.join(folder, 'source')])
    await mkdir(made, { recursive: true });
  for (const page of pages) {
    await writeFile(path.join(folder, 'source', page), CONTENT);
    await writeFile(path.join(batch.copies, page), CONTENT);
    await symlink(path.join(batch.copies, page), path.join(batch.input, page));
  }
  await writeFile(batch.recordFile, '');
  await nextTick(batch.recordFile, path.join(folder, 'later'));
  const given = pages.map((name) => ({
    page: { id: name, path: path.join(folder, 'source', name) },
    bytes: CONTENT.length,
    name,
  }));
  return {
    at: (name: string) => path.join(batch.input, name),
    changed: async () =>
      (await changedCopies({ batch, pages: given })).map(({ name, isThroughLink }) => [name, isThroughLink]),
    removed: async () => (await removedCopies({ batch, pages: given })).map(({ id }) => id),
    removeRecord: () => rm(batch.recordFile),
  };
}

/** A file system's clock has ticks of some milliseconds, and no child starts within one. */
async function nextTick(file: string, later: string): Promise<void> {
  const { ctimeMs } = await stat(file);
  do await writeFile(later, '');
  while ((await stat(later)).ctimeMs <= ctimeMs);
}

test('tells what was written through a link from what took its place, and from what was left or removed', async () => {
  const names = ['left', 'touched', 'over', 'longer', 'replaced', 'removed', 'same'];
  const { at, changed } = await trial(names);
  expect(await changed()).toEqual([]);
  await utimes(at('touched'), 1, 1);
  await writeFile(at('over'), OTHER);
  await writeFile(at('longer'), Buffer.concat([CONTENT, OTHER]));
  await writeFile(at('new'), OTHER);
  await rename(at('new'), at('replaced'));
  await rm(at('removed'));
  await writeFile(at('same'), CONTENT);
  expect(await changed()).toEqual([
    ['over', true],
    ['longer', true],
    ['replaced', false],
  ]);
});

test('tells what was moved or removed through a link from a link that was removed', async () => {
  const { at, removed, changed, removeRecord } = await trial([
    'left',
    'unlinked',
    'moved',
    'removed',
    'back',
  ]);
  expect(await removed()).toEqual([]);
  await rm(at('unlinked'));
  await rename(await realpath(at('moved')), at('elsewhere'));
  await rm(await realpath(at('removed')));
  await rename(await realpath(at('back')), at('back'));
  expect(await removed()).toEqual(['moved', 'removed', 'back']);
  expect(await changed()).toEqual([]);
  // Somebody else has removed the whole batch.
  await removeRecord();
  expect(await removed()).toEqual([]);
});
