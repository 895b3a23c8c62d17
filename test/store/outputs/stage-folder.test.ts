import { spawnSync } from 'node:child_process';
import {
  chmod,
  chown,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { removeDeadStages, StageFolder, whyExchangeable } from '../../../src/store/outputs/stage-folder.ts';

const RUN = '2026-01-02T03-04-05-678-abcd';

async function emptyPlace(): Promise<string> {
  const place = await mkdtemp(path.join(tmpdir(), 'mgpu-stage-folder-'));
  onTestFinished(() => rm(place, { recursive: true, force: true }));
  return place;
}

const open = (place: string, run = RUN): Promise<StageFolder> =>
  StageFolder.open({ place, run, onLost: () => {}, touchEveryMs: undefined });

/** As a run leaves it that is gone: its lock has the pid of a process that has ended. */
async function deadStage(place: string, run: string): Promise<string> {
  const alive = await open(place, run);
  const file = path.join(alive.path, 'lock');
  const lock = JSON.parse(await readFile(file, 'utf8'));
  await alive.close();
  const { pid } = spawnSync('true');
  await mkdir(path.join(alive.path, '7'), { recursive: true });
  await writeFile(path.join(alive.path, '7', '1.png'), 'page');
  await writeFile(file, JSON.stringify({ ...lock, pid, startTime: 1 }));
  return alive.path;
}

test('is for one user, names its run, and goes with all that is in it', async () => {
  const place = await emptyPlace();
  const folder = await open(place);
  expect((await lstat(folder.path)).mode & 0o777).toBe(0o700);
  expect(JSON.parse(await readFile(path.join(folder.path, 'lock'), 'utf8'))).toMatchObject({
    run: RUN,
    pid: process.pid,
  });
  await expect(open(place)).rejects.toThrow('EEXIST');
  await mkdir(path.join(folder.path, '1'));
  await writeFile(path.join(folder.path, '1', 'page.png'), 'page');
  await folder.close();
  expect(await readdir(place)).toEqual([]);
});

test('of dead runs of this user all is removed, and nothing else', async () => {
  const place = await emptyPlace();
  const dead = await deadStage(place, '2026-01-02T03-04-05-678-dead');
  const alive = await open(place);
  await mkdir(path.join(place, 'mgpu-stage-of-mine'));
  await mkdir(path.join(place, 'mgpu-2026-01-02T03-04-05-678-work'));
  const elsewhere = await deadStage(await emptyPlace(), '2026-01-02T03-04-05-678-else');
  await symlink(elsewhere, path.join(place, 'mgpu-stage-2026-01-02T03-04-05-678-link'));
  // Killed before it wrote its lock: a moment ago, and long ago.
  await mkdir(path.join(place, 'mgpu-stage-2026-01-02T03-04-05-678-new0'));
  const old = path.join(place, 'mgpu-stage-2026-01-02T03-04-05-678-old0');
  await mkdir(old);
  await utimes(old, 1, 1);
  const kept = (await readdir(place)).filter(
    (name) => name !== path.basename(dead) && name !== path.basename(old),
  );
  await removeDeadStages([place, place, path.join(place, 'missing')]);
  expect(await readdir(place)).toEqual(kept);
  expect(await readdir(elsewhere)).toContain('lock');
  await alive.close();
});

test.runIf(process.getuid?.() === 0)('what another user left is left alone', async () => {
  const place = await emptyPlace();
  const dead = await deadStage(place, RUN);
  await chown(dead, 65534, 65534);
  await removeDeadStages([place]);
  expect(await readdir(place)).toEqual([path.basename(dead)]);
});

test('says where others could exchange a copy', async () => {
  const place = await emptyPlace();
  expect(await whyExchangeable(place)).toBeUndefined();
  await chmod(place, 0o777);
  expect(await whyExchangeable(place)).toBe('can be changed by every user');
  await chmod(place, 0o1777);
  expect(await whyExchangeable(place)).toBeUndefined();
});
