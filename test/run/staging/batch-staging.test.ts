import { lstat, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { Inspector } from '../../../src/pages/inspector.ts';
import { sightingOf } from '../../../src/pages/source-sighting.ts';
import { BatchStaging } from '../../../src/run/staging/batch-staging.ts';
import { Stage } from '../../../src/run/staging/stage.ts';
import { png } from '../../fixtures/images.ts';

test('a copy that is being given as the child ends is taken back before the batch goes', async () => {
  const root = await mkdtemp(path.join(tmpdir(), 'mgpu-batch-staging-'));
  const page = { id: '1.png', path: path.join(root, '1.png') };
  await writeFile(page.path, png(8, 8));
  const staging = new BatchStaging({ recorder: { contentRead: () => {} }, waiting: () => [] });
  const folder = path.join(root, 'stage');
  const inspector = new Inspector(new URL('file:///none.js'));
  const stage = new Stage({
    isWanted: true,
    upcoming: staging.upcoming,
    arrived: staging.arrived,
    inspector,
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
  const linked = { page, name: '1.png', sighting: sightingOf(await lstat(page.path), 0) };
  const batch = await staging.begin({ relink }, [linked]);
  await asked;
  const ended = batch?.end();
  respond();
  await ended;
  expect(ways).toEqual([expect.stringContaining(folder), page.path]);
  await expect(lstat(ways[0] ?? '')).rejects.toThrow('ENOENT');
});
