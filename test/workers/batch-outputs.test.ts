import { mkdir, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { Inspector } from '../../src/pages/inspector.ts';
import { OWN_NAMES } from '../../src/pages/output-pattern.ts';
import { BatchOutputs } from '../../src/workers/batch-outputs.ts';
import { CORPUS } from '../fixtures/image-corpus.ts';
import { png } from '../fixtures/images.ts';
import { tempFolder } from '../pages/temp-folder.ts';

const PAGES = ['1.jpg', '2.jpg'];
const GOOD_END = { isGood: true, tellsFailure: false, namedMs: () => undefined };

/** A batch of two pages of which the second was named last, so that the first one's output counts if it is whole. */
async function batch(source: Buffer, { pages = PAGES, naming = { now: OWN_NAMES, isGuess: true } } = {}) {
  const folder = await tempFolder();
  const [input, output] = ['in', 'out'].map((name) => path.join(folder, name)) as [string, string];
  for (const each of [input, output]) await mkdir(each);
  for (const page of pages) await writeFile(path.join(input, page), source);
  const outputs = new BatchOutputs({
    folder: output,
    pages: pages.map((id) => ({ id, path: path.join(input, id) })),
    names: { nameInBatch: (page) => page, format: undefined, naming },
    sourceBytes: new Map(pages.map((page) => [page, source.length])),
    inspector: new Inspector(),
  });
  return {
    outputs,
    at: (name: string) => path.join(output, name),
    write: (page: string, bytes: Buffer) => writeFile(path.join(output, page), bytes),
  };
}

const settled = async (outputs: BatchOutputs, end?: typeof GOOD_END): Promise<string[]> =>
  (await outputs.settled(end)).map(({ page }) => page);

test('an output that was broken when it was looked at is taken once it is whole', async () => {
  const { outputs, write } = await batch(CORPUS['baseline.jpg'] ?? Buffer.alloc(0));
  const whole = png(20, 20);
  await write('1.jpg', whole.subarray(0, 50));
  await outputs.look();
  outputs.signs.sign('2.jpg', performance.now() + 1000);
  for (let look = 0; look < 3; look++) expect(await settled(outputs)).toEqual([]);
  await write('1.jpg', whole);
  expect(await settled(outputs)).toEqual(['1.jpg']);
});

test('a page that is cut may be its own output; a piece of it may not', async () => {
  const source = (CORPUS['baseline.jpg'] ?? Buffer.alloc(0)).subarray(0, 900);
  const { outputs, write } = await batch(source);
  await write('1.jpg', source);
  await write('2.jpg', source.subarray(0, 800));
  await outputs.look({ isLast: true });
  expect(await settled(outputs, GOOD_END)).toEqual(['1.jpg']);
  expect([...(await outputs.broken())]).toEqual([['2.jpg', 'the JPEG is truncated: its end is missing']]);
});

test('what is no image is broken', async () => {
  const { outputs, write } = await batch(png(9, 9));
  await write('1.jpg', Buffer.alloc(5000));
  await outputs.look({ isLast: true });
  expect(await settled(outputs, GOOD_END)).toEqual([]);
  expect((await outputs.broken()).get('1.jpg')).toMatch(/zero bytes only, not an image/);
});

test('an output that was seen before it was known how outputs are named is taken once it is', async () => {
  const naming = { now: OWN_NAMES, isGuess: true };
  const { outputs, write } = await batch(png(9, 9), { naming });
  await write('1_t.png', png(8, 8));
  await outputs.look();
  await write('2_t.png', png(8, 8));
  expect(await outputs.look()).toEqual([]);
  naming.now = { before: '', after: '_t' };
  naming.isGuess = false;
  expect((await outputs.look()).map(({ page }) => page)).toEqual(['1.jpg', '2.jpg']);
  outputs.signs.sign('elsewhere', performance.now() + 1000);
  expect(await settled(outputs)).toEqual(['1.jpg', '2.jpg']);
  expect(outputs.others).toEqual([]);
});

test('images under names that nobody knows are signs of their pages; one that was renamed is no other file', async () => {
  const { outputs, write, at } = await batch(png(9, 9));
  await write('1_tmp.png', png(8, 8));
  expect(await outputs.look()).toEqual([]);
  expect(outputs.unnamed.takeFresh().map(({ page, name }) => [page, name])).toEqual([['1.jpg', '1_tmp.png']]);
  expect(outputs.signs.current).toBe('1.jpg');
  await rename(at('1_tmp.png'), at('1_t.png'));
  await write('all.png', png(8, 8));
  await write('2_t.png', png(8, 8).subarray(0, 40));
  await outputs.look();
  expect(outputs.unnamed.takeFresh().map(({ page }) => page)).toEqual(['1.jpg', '2.jpg']);
  expect(outputs.others.sort()).toEqual(['1_t.png', '2_t.png', 'all.png']);
  expect(await outputs.countUnsettled()).toEqual({ whole: 1, copies: 0 });
});

test.each([
  ['images beside it', ['1_t.png', '1_t_t.png'], []],
  ['nothing beside it', ['1_t.png'], ['1_t.png']],
  ['another page done', ['1.png', '1_t.png', '1_mask.png'], ['1.png', '1_t.png']],
])(
  'a page whose name is another one with an ending, while names are guessed: %s',
  async (_case, written, taken) => {
    const { outputs, write } = await batch(png(9, 9), { pages: ['1.png', '1_t.png'] });
    for (const name of written) await write(name, png(8, 8));
    await outputs.look();
    outputs.signs.sign('elsewhere', performance.now() + 1000);
    expect(await settled(outputs)).toEqual(taken.filter((page) => page === '1.png'));
    await outputs.look({ isLast: true });
    const last = await settled(outputs, GOOD_END);
    expect(last).toEqual(taken.filter((page) => page !== '1.png'));
    expect(outputs.areNone).toBe(taken.length === 0);
  },
);
