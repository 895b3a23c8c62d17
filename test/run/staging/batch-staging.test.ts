import { lstat, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { Inspector } from '../../../src/pages/inspector.ts';
import { sightingOf } from '../../../src/pages/source-sighting.ts';
import { BatchStaging, type LinkedPage } from '../../../src/run/staging/batch-staging.ts';
import { Stage } from '../../../src/run/staging/stage.ts';
import { png } from '../../fixtures/images.ts';

/** A staging of batches over real files, and the pages of a batch, linked. */
async function stagingOf(pages: number) {
  const root = await mkdtemp(path.join(tmpdir(), 'mgpu-batch-staging-'));
  const linked: LinkedPage[] = [];
  for (let at = 1; at <= pages; at += 1) {
    const page = { id: `${at}.png`, path: path.join(root, `${at}.png`) };
    await writeFile(page.path, png(8, 8, at));
    linked.push({ page, name: page.id, sighting: sightingOf(await lstat(page.path), 0) });
  }
  const staging = new BatchStaging({ recorder: { contentRead: () => {} }, waiting: () => [] });
  const folder = path.join(root, 'stage');
  const stage = new Stage({
    isWanted: true,
    upcoming: staging.upcoming,
    arrived: staging.arrived,
    inspector: new Inspector(new URL('file:///none.js')),
    openInspector: () => new Inspector(new URL('file:///none.js')),
    atOnce: 1,
    openFolder: async () => {
      await mkdir(folder);
      return { path: folder, roomBytes: 1_000_000, close: async () => {} };
    },
    tell: () => {},
    stop: new AbortController().signal,
  });
  staging.use(stage);
  onTestFinished(async () => {
    await stage.close();
    await rm(root, { recursive: true, force: true });
  });
  return { staging, stage, folder, linked };
}

test('a copy that is being given as the child ends is taken back before the batch goes', async () => {
  const { staging, folder, linked } = await stagingOf(1);
  const ways: string[] = [];
  let giving = (): void => {};
  const asked = new Promise<void>((resolve) => {
    giving = resolve;
  });
  let respond = (): void => {};
  const slowDisk = new Promise<void>((resolve) => {
    respond = resolve;
  });
  const relink = async (_name: string, { to }: { readonly to: string }): Promise<boolean> => {
    ways.push(to);
    giving();
    await slowDisk;
    return true;
  };
  const batch = await staging.begin({ relink }, linked);
  await asked;
  const ended = batch?.end();
  respond();
  expect(await ended).toEqual(new Set());
  expect(ways).toEqual([expect.stringContaining(folder), linked[0]?.page.path]);
  await expect(lstat(ways[0] ?? '')).rejects.toThrow('ENOENT');
});

test('pages that are open as their copies are removed had no input, and get no copy again', async () => {
  const { staging, stage, folder, linked } = await stagingOf(3);
  const given = new Map<string, string>();
  let count = (): void => {};
  const allGiven = new Promise<void>((resolve) => {
    count = () => given.size === linked.length && resolve();
  });
  const relink = async (name: string, { to }: { readonly to: string }): Promise<boolean> => {
    if (to.startsWith(folder)) given.set(name, to);
    count();
    return true;
  };
  const batch = await staging.begin({ relink }, linked);
  await allGiven;
  await batch?.done('1.png');
  await rm(given.get('2.png') ?? '');
  expect(await batch?.end()).toEqual(new Set(['2.png']));
  expect(linked.map(({ page }) => stage.take(page) !== undefined)).toEqual([true, false, true]);
});
