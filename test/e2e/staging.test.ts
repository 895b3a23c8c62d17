import { execFileSync } from 'node:child_process';
import { mkdir, readdir, readFile, readlink, stat } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { png } from '../fixtures/images.ts';
import { checkAccounts } from './accounts.ts';
import { numbered } from './blame.ts';
import { gone } from './process.ts';
import { type Launcher, Place } from './rig.ts';
import { startWarm, warmPlace } from './warm.ts';

/** A busy machine takes its time. */
const PATIENT = { timeout: 30_000 };
const STAGE = ['--stage', 'on', '--stage-folder', 'stage'];
const notices = (launcher: Launcher): string[] => launcher.of('notice').map(({ text }) => text);
const stagedOf = (launcher: Launcher): string[] =>
  launcher
    .of('page-finished')
    .flatMap(({ page, staged }) => (staged ? [page] : []))
    .toSorted();

const mayUnshare = ((): boolean => {
  try {
    execFileSync('unshare', ['--mount', 'true'], { stdio: 'ignore' });
    return process.getuid?.() === 0;
  } catch {
    return false;
  }
})();

test('warm workers get copies that they may do anything to; what a killed run left is removed by the next', async () => {
  const pages = Object.fromEntries(numbered(20).map((id, at) => [id, png(8, 8, at)]));
  const place = await warmPlace({ pages, gpus: 1 });
  // The first pages show what the worker does to its input.
  const plan = { '005.png': 'overwrite-input', '006.png': 'remove-input', '008.png': 'ask@1' };
  const killed = startWarm(place, { args: STAGE, plan });
  await place.fakes.asking('008.png');
  const [folder = ''] = await readdir(place.path('stage'));
  expect((await stat(place.path(`stage/${folder}`))).mode & 0o777).toBe(0o700);
  await killed.event('page-finished', ({ page }) => page === '007.png');
  expect(stagedOf(killed)).toEqual(numbered(7));
  killed.kill('SIGKILL');
  await killed.exit;
  for (const { pid } of killed.of('worker-started')) await gone(pid);
  expect(await readdir(place.path('stage'))).toEqual([folder]);
  for (const [id, content] of Object.entries(pages))
    expect((await readFile(place.path(`input/${id}`))).equals(content), id).toBe(true);

  // A worker that crashes has the next page in its pipe, and that is what its slot goes on with: the other one is for later.
  const again = startWarm(place, {
    args: [...STAGE, '--retries', '1'],
    plan: { '013.png': 'crash@1' },
    env: { FAKE_PAGE_SECONDS: '0.02', FAKE_WAITS_FOR_NEXT: '1' },
  });
  const run = await checkAccounts(place, again);
  expect(run.code).toBe(0);
  expect(run.launcher.of('page-retried').map(({ page }) => page)).toEqual(['013.png']);
  expect(stagedOf(run.launcher)).toEqual(numbered(20).filter((id) => id > '007.png' && id !== '013.png'));
  expect(notices(run.launcher).filter((text) => text.includes('cop'))).toEqual([]);
  // This run did not make it.
  expect(await readdir(place.path('stage'))).toEqual([]);
});

test('a script gets links to copies of a later batch, and to the originals once its pages are done', async () => {
  const later = ['ch2/1.png', 'ch2/2.png', 'ch2/3.png'];
  const place = await Place.make({ pages: ['ch1/1.png', ...later], gpus: 1 });
  const args = ['--batch-layout', 'folder', ...STAGE];
  const launcher = place.start({ args, plan: { '1.png': 'ask@1', '2.png': 'ask@1' } });
  const first = await place.fakes.asking('1.png');
  const folder = async (): Promise<string> =>
    place.path(path.join('stage', (await readdir(place.path('stage')))[0] ?? ''));
  // A copy of each page to come, and the lock.
  await expect.poll(async () => (await readdir(await folder()).catch(() => [])).length, PATIENT).toBe(4);
  first.order('finish');
  const second = await place.fakes.asking('2.png');
  const [work = ''] = (await readdir(place.path('input-translated/.mgpu'))).filter((name) =>
    name.startsWith('work.'),
  );
  const linkOf = (name: string): Promise<string> =>
    readlink(place.path(`input-translated/.mgpu/${work}/gpu0-0/2/in/${name}`));
  expect(await linkOf('2.png')).toContain(place.path('stage/'));
  await launcher.event('page-finished', ({ page }) => page === later[0]);
  await expect.poll(() => linkOf('1.png'), PATIENT).toBe(place.path('input/ch2/1.png'));
  second.order('finish');
  const run = await checkAccounts(place, launcher);
  expect(run.counts).toMatchObject({ translated: 4, failed: 0, left: 0 });
  expect(stagedOf(launcher)).toEqual(later);
  await expect(readdir(place.path('stage'))).rejects.toThrow('ENOENT');
});

test.runIf(mayUnshare)('a folder that becomes full costs a notice, and no page', async () => {
  const place = await warmPlace({ pages: numbered(12), gpus: 1 });
  // Free bytes, and no more files.
  const small = place.path('small');
  await mkdir(small, { mode: 0o700 });
  const mount = `mount -t tmpfs -o size=40m,nr_inodes=9,mode=700 tmpfs '${small}' && exec "$@"`;
  const run = await checkAccounts(
    place,
    startWarm(place, {
      args: ['--stage', 'on', '--stage-folder', small],
      through: ['unshare', '--mount', 'sh', '-c', mount, 'sh'],
    }),
  );
  expect(run.counts).toMatchObject({ translated: 12, failed: 0, left: 0 });
  expect(notices(run.launcher).filter((text) => text.includes('cop'))).toEqual([
    expect.stringMatching(/^Pages can't be copied to \S+\/small\/\S+ any more \(no space is left\)/),
  ]);
});
