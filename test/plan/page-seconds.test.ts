import path from 'node:path';
import { expect, test } from 'vitest';
import { Inspector } from '../../src/pages/inspector.ts';
import { learnPageSeconds } from '../../src/plan/page-seconds.ts';
import type { LedgerLine } from '../../src/store/ledger/ledger-line.ts';
import { png } from '../fixtures/images.ts';
import { fill, tempFolder } from '../pages/temp-folder.ts';

const line = (page: string, slot: string, seconds: number, options = 'now'): LedgerLine => ({
  type: 'page-finished',
  time: '2025-01-02T03:04:05.000Z',
  page,
  slot,
  attempt: 1,
  outcome: 'translated',
  seconds,
  source: null,
  output: null,
  options,
});

const learn = (root: string, lines: readonly LedgerLine[]) =>
  learnPageSeconds({ lines, optionsHash: 'now', root, inspector: new Inspector(new URL('file:///no')) });

test('learns what a pixel costs, and how fast each GPU is where it has done enough', async () => {
  const root = await tempFolder();
  const names = Array.from({ length: 10 }, (_, n) => `${n}.png`);
  await fill(root, names, png(100, 10));
  const lines = names.map((name, n) => line(name, n < 5 ? 'gpu0-0' : 'gpu1-0', n < 5 ? 1 : 3));
  const seconds = await learn(root, lines);
  expect(seconds).toMatchObject({ sampled: 10, byPixels: true, otherOptions: false });
  expect(seconds?.of(2000, 0)).toBeCloseTo(2);
  expect(seconds?.of(2000, 1)).toBeCloseTo(6);
  // One that nobody has seen is taken for an average one, a page without a size too.
  expect(seconds?.of(2000, 7)).toBeCloseTo(4);
  expect(seconds?.of(undefined, 0)).toBeCloseTo(1);
});

test('without the sources a page costs what a page cost', async () => {
  const seconds = await learn('/nowhere', [line('a.png', 'gpu0-0', 2), line('b.png', 'gpu0-0', 4)]);
  expect(seconds).toMatchObject({ sampled: 2, byPixels: false });
  expect(seconds?.of(1e6, 0)).toBe(3);
});

test('pages made with other options count only where there are no others', async () => {
  const root = await tempFolder();
  await fill(root, ['a.png', 'b.png'], png(10, 10));
  const old = line('a.png', 'gpu0-0', 100, 'before');
  expect(await learn(root, [old])).toMatchObject({ sampled: 1, otherOptions: true });
  const both = await learn(root, [old, line('b.png', 'gpu0-0', 1)]);
  expect(both?.of(100, 0)).toBeCloseTo(1);
});

test('says nothing where nothing was timed', async () => {
  const { seconds: _, ...untimed } = line(path.join('a.png'), 'gpu0-0', 1);
  expect(await learn('/nowhere', [untimed])).toBeUndefined();
});

test('does not learn from what was no measurement, nor from outputs that are their source again', async () => {
  const timed = Array.from({ length: 6 }, (_, n) => line(`${n}.png`, 'gpu0-0', 4));
  const zeros = ['z1.png', 'z2.png'].flatMap((name) => [
    line(name, 'gpu0-0', 0),
    line(`+${name}`, 'gpu0-0', 0.001),
  ]);
  const givenUp = { ...line('same.png', 'gpu0-0', 0.5), unchanged: true } as const;
  const seconds = await learn('/nowhere', [...zeros, givenUp, ...timed]);
  expect(seconds).toMatchObject({ sampled: 6 });
  expect(seconds?.of(undefined, 0)).toBe(4);
  expect(
    await learn(
      '/nowhere',
      zeros.filter((zero) => zero.seconds === 0),
    ),
  ).toBeUndefined();
  // A translator that only copies: better than nothing.
  expect((await learn('/nowhere', [givenUp]))?.of(undefined, 0)).toBe(0.5);
});

test('the ledger says which GPU a page ran on; only where it does not, the slot’s name does', async () => {
  const pages = Array.from({ length: 10 }, (_, n) => `${n}.png`);
  const told = pages.map((page, n) => ({
    ...line(page, `node2-gpu0-${n}`, n < 5 ? 1 : 3),
    gpu: n < 5 ? 6 : 7,
  }));
  const seconds = await learn('/nowhere', told);
  expect([6, 7, null].map((gpu) => seconds?.of(undefined, gpu))).toEqual([1, 3, 2]);
});
