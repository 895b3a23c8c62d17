import { execFileSync } from 'node:child_process';
import { chmod, lchown, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { png, translatedByFake } from '../fixtures/images.ts';
import { checkAccounts } from './accounts.ts';
import { gone } from './process.ts';
import { Place } from './rig.ts';

const PAGES = ['1.png', '2.png', '3.png'];
const ASK_ON_3 = { '3.png': { fault: 'ask', times: 1 } };

/** Starts a command in a mount namespace of its own, in which `disk` stands at `at`: as a container does. */
const inContainer = (disk: string, at: string): string[] => [
  ...['unshare', '--mount', 'sh', '-c', 'mount --bind "$0" "$1" && shift && exec "$@"', disk, at],
];
const mayUnshare = ((): boolean => {
  try {
    execFileSync('unshare', ['--mount', 'true'], { stdio: 'ignore' });
    return process.getuid?.() === 0;
  } catch {
    return false;
  }
})();

test.runIf(mayUnshare)('two containers with one --work and outputs of one path mix no books', async () => {
  const place = await Place.make({ pages: PAGES, gpus: 1 });
  const books = { a: 8, b: 20 };
  for (const [book, size] of Object.entries(books)) {
    await mkdir(place.path(`disk-${book}`));
    for (const page of PAGES) await place.write(`book-${book}/${page}`, png(size, size));
  }
  await mkdir(place.path('out'));
  const start = (book: string, plan: Record<string, string>) =>
    place.start({
      through: inContainer(place.path(`disk-${book}`), place.path('out')),
      argv: ['run', `book-${book}`, '--json', '-o', 'out', '--work', 'work'],
      plan,
    });
  const first = start('a', { '2.png': 'ask@1' });
  const asking = await place.fakes.asking('2.png');
  const second = start('b', { '3.png': 'ask@1' });
  const other = await place.fakes.asking('3.png');
  asking.order('finish');
  expect(await first.exit).toBe(0);
  other.order('finish');
  expect(await second.exit).toBe(0);
  for (const [book, size] of Object.entries(books)) {
    for (const page of PAGES) {
      const made = await readFile(place.path(`disk-${book}/${page}`));
      expect(made.equals(translatedByFake(png(size, size))), `${book}: ${page}`).toBe(true);
    }
  }
  expect(await readdir(place.path('work'))).toEqual([]);
});

/** A place with a run that was killed while it had page 3, its work in a folder of the user's. */
async function killedWithWork(): Promise<Place> {
  const place = await Place.make({ pages: PAGES, gpus: 1 });
  const launcher = place.start({ args: ['--work', 'work'], plan: ASK_ON_3 });
  const asking = await place.fakes.asking('3.png');
  await launcher.event('page-finished', ({ page }) => page === '1.png');
  launcher.kill('SIGKILL');
  await launcher.exit;
  await gone(asking.pid);
  return place;
}
const begunTwice = (place: Place): string[] => {
  const begun = place.fakes.of('begin').map(({ page = '' }) => page);
  return [...new Set(begun.filter((page, at) => begun.indexOf(page) !== at))].sort();
};

test('work of a killed run in a folder of the user’s is gathered by its own output, and removed', async () => {
  const place = await killedWithWork();
  const run = await checkAccounts(place, place.start({ args: ['--work', 'work'] }));
  expect(run.code).toBe(0);
  expect(begunTwice(place)).toEqual(['3.png']);
  expect(await readdir(place.path('work'))).toEqual([]);
});

test('work of another output, of a run that is alive, and of another user is left alone', async () => {
  const place = await killedWithWork();
  const [killed = ''] = await readdir(place.path('work'));
  const other = place.start({ argv: ['run', 'input', '--json', '-o', 'other', '--work', 'work'] });
  expect(await other.exit).toBe(0);
  expect(await readdir(place.path('work'))).toEqual([killed]);

  // As another machine leaves it that is alive: its lock was touched a moment ago.
  const lock = place.path(`work/${killed}/lock`);
  const owner = await readFile(lock, 'utf8');
  await writeFile(lock, JSON.stringify({ ...JSON.parse(owner), host: 'elsewhere', bootId: 'another' }));
  const again = () => checkAccounts(place, place.start({ args: ['--work', 'work'] }), { sameBytes: false });
  expect((await again()).code).toBe(0);
  expect(await readdir(place.path('work'))).toEqual([killed]);

  await writeFile(lock, owner);
  if (process.getuid?.() === 0) {
    await lchown(place.path(`work/${killed}`), 1234, 1234);
    expect((await again()).code).toBe(0);
    expect(await readdir(place.path('work'))).toEqual([killed]);
    await lchown(place.path(`work/${killed}`), 0, 0);
  }
  expect((await again()).code).toBe(0);
  expect(await readdir(place.path('work'))).toEqual([]);
});

test('a run’s work is its own alone, and names run, host and boot', async () => {
  const place = await Place.make({ pages: PAGES, gpus: 1 });
  const launcher = place.start({ args: ['--work', 'work'], plan: ASK_ON_3 });
  const asking = await place.fakes.asking('3.png');
  const { run } = await launcher.event('run-started');
  expect(await readdir(place.path('work'))).toEqual([`mgpu-${run}`]);
  const owner = JSON.parse(await readFile(place.path(`work/mgpu-${run}/lock`), 'utf8'));
  expect(owner).toMatchObject({
    run,
    pid: launcher.pid,
    host: expect.any(String),
    bootId: expect.any(String),
  });
  expect(execFileSync('stat', ['-c', '%a', place.path(`work/mgpu-${run}`)], { encoding: 'utf8' })).toBe(
    '700\n',
  );
  asking.order('finish');
  expect(await launcher.exit).toBe(0);
});

test('what version 0.1.0 left in an output is gathered and removed', async () => {
  const place = await killedWithWork();
  const [killed = ''] = await readdir(place.path('work'));
  await rm(place.path(`work/${killed}/lock`));
  const state = place.path('input-translated/.mgpu');
  execFileSync('mv', [place.path(`work/${killed}`), `${state}/work`]);
  const run = await checkAccounts(place, place.start());
  expect(run.code).toBe(0);
  expect(begunTwice(place)).toEqual(['3.png']);
});

test('a --work that every user may change is told of', async () => {
  const place = await Place.make({ pages: PAGES, gpus: 1 });
  await mkdir(place.path('work'));
  await chmod(place.path('work'), 0o777);
  const launcher = place.start({ args: ['--work', 'work'] });
  expect(await launcher.exit).toBe(0);
  expect(launcher.of('notice').map(({ text }) => text)).toEqual([
    `--work ${place.path('work')} can be changed by every user, who could replace pages in progress: choose a folder of your own`,
  ]);
});

test.each(['file', 'file/below'])('a --work that names %s is refused', async (work) => {
  const place = await Place.make({ gpus: 1 });
  await place.write('file', 'x');
  const launcher = place.start({ args: ['--work', work] });
  expect(await launcher.exit).toBe(3);
  const said = launcher.stderr + JSON.stringify(launcher.events);
  expect(said).toContain(`--work ${place.path(work)}: it is a file, or is inside one`);
  expect(said).not.toContain('bug');
});
