import { mkdir, readFile, rename, symlink, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { Inspector } from '../../../src/pages/inspector.ts';
import { BatchFolder } from '../../../src/store/outputs/batch-folder.ts';
import { LinkMode } from '../../../src/store/outputs/link-mode.ts';
import { mayHoldOriginals, movedOriginals } from '../../../src/store/outputs/moved-originals.ts';
import { png } from '../../fixtures/images.ts';
import { tempFolder } from '../../pages/temp-folder.ts';

/** A batch of two pages that were linked (or copied) into it. */
async function laid({ copies = false } = {}) {
  const root = await tempFolder();
  const work = path.join(root, 'work');
  await mkdir(path.join(root, 'input'));
  const pages = ['a.png', 'b.png'].map((id) => ({ id, path: path.join(root, 'input', id) }));
  for (const [at, page] of pages.entries()) {
    await writeFile(page.path, png(8, 8 + at));
    await utimes(page.path, 1000 + at, 1000 + at);
  }
  const folder = new BatchFolder(path.join(work, 'gpu0-0/1'));
  const { ready } = await folder.fill(pages, {
    inspector: new Inspector(new URL('file:///none.js')),
    links: new LinkMode({ copies }),
    isTrial: false,
    options: 'o',
    outputs: folder.output,
    names: { nameInBatch: (page) => page, format: undefined },
  });
  const linked = ready.filter(({ isCopy }) => !isCopy);
  const look = async () => ({
    moved: (await movedOriginals(folder, linked)).map(({ id }) => id),
    isKept: await mayHoldOriginals(work),
  });
  return { root, pages, folder, look };
}

test('a batch as it was given, with outputs and copies of pages in it, holds no originals', async () => {
  const { pages, folder, look } = await laid();
  await writeFile(path.join(folder.output, 'a.png'), png(8, 8));
  await writeFile(path.join(folder.input, 'new.png'), await readFile(pages[0]?.path ?? ''));
  expect(await look()).toEqual({ moved: [], isKept: false });
  expect(await (await laid({ copies: true })).look()).toEqual({ moved: [], isKept: false });
});

test.each([
  ['a folder of its input', 'in/done/x.png', true],
  ['the place of its link', 'in/b.png', true],
  // As copies of pages without text are there, too, only what the run has said tells them apart.
  ['its output', 'out/b.png', false],
])('an original that was moved into %s is noticed', async (_where, name, isKept) => {
  const { root, pages, folder, look } = await laid();
  const to = path.join(root, 'work/gpu0-0/1', name);
  await mkdir(path.dirname(to), { recursive: true });
  await rename(pages[1]?.path ?? '', to);
  expect(await look()).toEqual({ moved: ['b.png'], isKept });
  await folder.keepOriginals();
  expect((await look()).isKept).toBe(true);
});

test('an original that is gone and is nowhere in the batch was not moved there', async () => {
  const { root, pages, folder, look } = await laid();
  await rename(pages[0]?.path ?? '', path.join(root, 'elsewhere.png'));
  await symlink('/nowhere', path.join(folder.input, 'c.png'));
  expect(await look()).toEqual({ moved: [], isKept: false });
});
