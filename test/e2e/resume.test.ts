import { watch } from 'node:fs';
import { appendFile, copyFile, cp, mkdir, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { png, translatedByFake } from '../fixtures/images.ts';
import { checkAccounts, type FinishedRun } from './accounts.ts';
import { gone, ledgerOf } from './process.ts';
import { type Launcher, Place, type StartSetup } from './rig.ts';

const PAGES = ['1.png', '2.png', '3.png', '4.png', '5.png', '6.png'];
const LEDGER = 'input-translated/.mgpu/ledger.ndjson';

/** How often each page was begun with so far. */
const begun = (place: Place): Record<string, number> => {
  const times: Record<string, number> = {};
  for (const { page = '' } of place.fakes.of('begin')) times[page] = (times[page] ?? 0) + 1;
  return times;
};
const once = (pages: readonly string[]): Record<string, number> =>
  Object.fromEntries(pages.map((page) => [page, 1]));
const again = (place: Place, setup: StartSetup = {}): Promise<FinishedRun> =>
  checkAccounts(place, place.start(setup), { sameBytes: false });
const notices = (launcher: Launcher): string[] =>
  launcher.of('notice').map(({ level, text }) => `${level}: ${text}`);
/** The pages whose output has this content. */
async function outputsThatAre(place: Place, content: Buffer): Promise<string[]> {
  const outputs = await Promise.all(PAGES.map((page) => readFile(place.path(`input-translated/${page}`))));
  return PAGES.filter((_, at) => outputs[at]?.equals(content));
}
/** A place whose pages are all done. */
async function finished(pages: readonly string[] = PAGES): Promise<Place> {
  const place = await Place.make({ pages });
  expect((await again(place)).code).toBe(0);
  return place;
}

test('the same command again does nothing, nor with options that do not shape the result, nor with a torn ledger or none', async () => {
  const place = await finished();
  const lines = await readFile(place.path(LEDGER), 'utf8');
  const run = await again(place);
  expect(run.code).toBe(0);
  expect(run.counts).toMatchObject({ translated: 0, skipped: 6, left: 0 });
  expect(begun(place)).toEqual(once(PAGES));
  expect(run.launcher.of('worker-started')).toEqual([]);
  expect(notices(run.launcher)).toEqual([]);
  expect(await readFile(place.path(LEDGER), 'utf8')).toBe(lines);
  expect(await readdir(place.path('input-translated/.mgpu'))).toEqual(['ledger.ndjson', 'runs']);

  const args = ['--gpus', 'cpu', '--workers-per-gpu', '3', '--strategy', 'balanced', '--retries', '0'];
  const otherwise = await again(place, { args });
  expect(otherwise.counts).toMatchObject({ skipped: 6 });
  expect(notices(otherwise.launcher)).toEqual([]);

  // A torn line costs its page's place in it, and a page at most.
  await writeFile(place.path(LEDGER), lines.slice(0, -60));
  const torn = await again(place);
  expect(torn.code).toBe(0);
  expect(torn.counts).toMatchObject({ translated: 0, skipped: 6 });
  expect(notices(torn.launcher)).toEqual([
    'warn: 1 line of the ledger is truncated or unknown, and ignored.',
    'info: 1 complete file in the output that no ledger lists: counted as done.',
  ]);
  await appendFile(place.path(LEDGER), '{"type":"page-finished","page":"1.pn');
  expect((await again(place)).counts).toMatchObject({ skipped: 6 });

  await rm(place.path('input-translated/.mgpu'), { recursive: true });
  const forgotten = await again(place);
  expect(forgotten.counts).toMatchObject({ translated: 0, skipped: 6 });
  expect(begun(place)).toEqual(once(PAGES));
});

test('after SIGKILL of the launcher: whole outputs are gathered, the pages in flight are done again', async () => {
  const place = await Place.make({ pages: PAGES });
  // Slot 0 has 1, 3, 5; slot 1 has 2, 4, 6.
  const launcher = place.start({ plan: { '3.png': 'ask-half', '6.png': 'ask-half' } });
  await Promise.all([place.fakes.asking('3.png'), place.fakes.asking('6.png')]);
  launcher.kill('SIGKILL');
  await launcher.exit;
  await Promise.all(place.fakes.of('start').map(({ pid }) => gone(pid)));
  const run = await again(place);
  expect(run.code).toBe(0);
  expect(notices(run.launcher)).toEqual([
    expect.stringMatching(/^\w+: Took over the lock of process \d+ on /),
  ]);
  expect(begun(place)).toEqual({ ...once(PAGES), '3.png': 2, '6.png': 2 });
  expect(run.files).toEqual(PAGES);
});

test('what a killed run had made stays until a run comes to all of its pages', async () => {
  const place = await Place.make({ pages: PAGES, gpus: 1 });
  const launcher = place.start({ plan: { '1.png': 'ask', '5.png': 'ask' } });
  const first = await place.fakes.asking('1.png');
  // Frozen, it records nothing of what its child goes on to make.
  launcher.kill('SIGSTOP');
  first.order('finish');
  await place.fakes.asking('5.png');
  launcher.kill('SIGKILL');
  await launcher.exit;
  await Promise.all(place.fakes.of('start').map(({ pid }) => gone(pid)));
  const limited = await again(place, { args: ['--limit', '2'] });
  expect(Object.keys(limited.outcomes)).toEqual(['1.png', '2.png']);
  expect(limited.launcher.of('page-finished')).toMatchObject([{ recovered: true }, { recovered: true }]);
  const run = await again(place);
  expect(run.code).toBe(0);
  expect(run.files).toEqual(PAGES);
  expect(begun(place)).toEqual({ ...once(PAGES), '5.png': 2 });
  expect(await readdir(place.path('input-translated/.mgpu'))).toEqual(['ledger.ndjson', 'runs']);
});

test('work of a killed run that was made with other options is not gathered', async () => {
  const place = await Place.make({ pages: PAGES, gpus: 1 });
  const launcher = place.start({ plan: { '3.png': 'ask' } });
  await place.fakes.asking('3.png');
  await launcher.event('page-finished', ({ page }) => page === '1.png');
  launcher.kill('SIGKILL');
  await launcher.exit;
  const placed = (await readdir(place.path('input-translated'))).filter((name) => name !== '.mgpu');
  const run = await again(place, { args: ['--', '--lang', 'DEU'] });
  expect(run.counts).toMatchObject({ translated: 6 - placed.length, skipped: placed.length });
  expect(begun(place)['3.png']).toBe(2);
});

test('work of a killed run in a folder of the user’s own is not taken for a new output’s', async () => {
  const place = await Place.make({ pages: PAGES, gpus: 1 });
  const args = ['--work', 'work'];
  const launcher = place.start({ args, plan: { '3.png': 'ask' } });
  await place.fakes.asking('3.png');
  launcher.kill('SIGKILL');
  await launcher.exit;
  await rm(place.path('input-translated'), { recursive: true });
  const run = await again(place, { args: [...args, '--', '--lang', 'DEU'] });
  expect(run.counts).toMatchObject({ translated: 6 });
  expect(begun(place)).toEqual({ ...once(PAGES), '1.png': 2, '2.png': 2, '3.png': 2 });
});

test('bad pages that are all that is left fail again, each for itself', async () => {
  const bad = ['7-crash.png', '8-crash.png', '9-crash.png', '91-exit0.png'];
  const place = await Place.make({ pages: [...PAGES, ...bad], gpus: 2 });
  const args = ['--retries', '0'];
  const first = await checkAccounts(place, place.start({ args }));
  expect(first.code).toBe(1);
  expect(first.counts).toMatchObject({ failed: 4, left: 0 });
  for (const name of ['a', 'b', 'c']) await place.write(`input/${name}-crash.png`, png(8, 8));
  const run = await checkAccounts(place, place.start({ args }));
  expect([run.code, run.counts.failed]).toEqual([1, 7]);
});

test('after SIGKILL of a child the run itself goes on', async () => {
  const place = await Place.make({ pages: PAGES });
  const launcher = place.start({ plan: { '3.png': { fault: 'ask', times: 1 } } });
  process.kill((await place.fakes.asking('3.png')).pid, 'SIGKILL');
  const run = await checkAccounts(place, launcher);
  expect(run.code).toBe(0);
  expect(begun(place)).toEqual({ ...once(PAGES), '3.png': 2 });
});

test('after Ctrl-C twice: the pages in flight are done again', async () => {
  const place = await Place.make({ pages: PAGES });
  const launcher = place.start({ plan: { '3.png': 'hang', '4.png': 'hang' } });
  await launcher.event('page-started', ({ page }) => page === '3.png');
  await launcher.event('page-started', ({ page }) => page === '4.png');
  launcher.kill('SIGINT');
  launcher.kill('SIGTERM');
  const first = await checkAccounts(place, launcher);
  expect([130, 143]).toContain(first.code);
  expect(first.counts).toMatchObject({ translated: 2, left: 4 });
  expect((await again(place)).code).toBe(0);
  expect(begun(place)).toEqual({ ...once(PAGES), '3.png': 2, '4.png': 2 });
});

test('pages made with other options are kept, with one warning that names them; --overwrite has them done again', async () => {
  const place = await finished();
  const args = ['--', '--lang', 'DEU'];
  const run = await again(place, { args });
  expect(run.counts).toMatchObject({ translated: 0, skipped: 6 });
  expect(notices(run.launcher)).toEqual([
    'warn: 6 pages were made with other options and kept: args not set (now "--lang DEU"). --overwrite changed translates them again.',
  ]);
  const changed = await again(place, { args: ['--overwrite', 'changed', ...args] });
  expect(changed.counts).toMatchObject({ translated: 6, skipped: 0 });
  const same = await again(place, { args: ['--overwrite', 'changed', ...args] });
  expect(same.counts).toMatchObject({ translated: 0, skipped: 6 });
  expect(notices(same.launcher)).toEqual([]);
});

test('--overwrite all that is stopped goes on with the pages that it had not come to', async () => {
  const place = await finished();
  const old = png(30, 30);
  for (const page of PAGES) await writeFile(place.path(`input-translated/${page}`), old);
  const args = ['--overwrite', 'all', '--gpus', '0'];

  const launcher = place.start({ args, plan: { '3.png': 'ask', '4.png': 'hang' } });
  const asking = await place.fakes.asking('3.png');
  launcher.kill('SIGINT');
  await launcher.event('notice', ({ text }) => text.includes('Stopping after'));
  asking.order('finish');
  const stopped = await checkAccounts(place, launcher);
  expect(stopped.code).toBe(130);
  expect(stopped.counts).toMatchObject({ translated: 3, skipped: 0, left: 3 });
  expect(await outputsThatAre(place, old)).toEqual(['4.png', '5.png', '6.png']);

  const rest = await again(place, { args });
  expect(rest.code).toBe(0);
  expect(Object.keys(rest.outcomes)).toEqual(['4.png', '5.png', '6.png']);
  expect(rest.counts).toMatchObject({ translated: 3, skipped: 3, left: 0 });
  expect(await outputsThatAre(place, old)).toEqual([]);
  expect(await readdir(place.path('input-translated/.mgpu'))).toEqual(['ledger.ndjson', 'runs']);

  const anew = await again(place, { args });
  expect(anew.counts).toMatchObject({ translated: 6, skipped: 0 });
});

test('--overwrite all goes on as well after SIGKILL of the launcher', async () => {
  const place = await finished();
  const args = ['--overwrite', 'all', '--gpus', '0'];
  const launcher = place.start({ args, plan: { '3.png': 'ask' } });
  const asking = await place.fakes.asking('3.png');
  await launcher.event('page-finished', ({ page }) => page === '2.png');
  launcher.kill('SIGKILL');
  await launcher.exit;
  await gone(asking.pid);
  const rest = await again(place, { args });
  expect(rest.code).toBe(0);
  expect(Object.keys(rest.outcomes)).toEqual(['3.png', '4.png', '5.png', '6.png']);
  expect(rest.counts).toMatchObject({ translated: 4, skipped: 2 });
});

test('whole files that no ledger knows are adopted, cut ones are done again', async () => {
  const place = await Place.make({ pages: PAGES });
  await cp(place.path('input'), place.path('input-translated'), { recursive: true });
  await writeFile(place.path('input-translated/2.png'), png(8, 8).subarray(0, 40));
  await rm(place.path('input-translated/3.png'));
  await writeFile(place.path('input-translated/4.png'), '');
  const run = await again(place);
  expect(run.counts).toMatchObject({ translated: 3, skipped: 3 });
  expect(Object.keys(run.outcomes).sort()).toEqual(['2.png', '3.png', '4.png']);
  expect(notices(run.launcher)).toContain(
    'info: 3 complete files in the output that no ledger lists: counted as done.',
  );
  expect((await ledgerOf(place)).get('1.png')).toMatchObject({ adopted: true, outcome: 'translated' });
  expect((await again(place)).counts).toMatchObject({ translated: 0, skipped: 6 });
});

test('outputs and sources that changed since: what is touched up or touched is done, the rest is made', async () => {
  const place = await finished([...PAGES, 'b1.png', 'b2.png', 'b3.png']);
  const touchedUp = png(30, 30);
  await writeFile(place.path('input-translated/1.png'), touchedUp);
  await writeFile(place.path('input-translated/2.png'), png(8, 8, 1).subarray(0, 50));
  await rm(place.path('input-translated/3.png'));
  await rm(place.path('input/6.png'));
  await place.write('input/7.png', png(8, 8, 7));

  const later = new Date(Date.now() + 5000);
  await utimes(place.path('input/b1.png'), later, later);
  // As long as it was: the time alone tells, and then the content.
  const changed = png(8, 8, 100);
  expect(changed).toHaveLength((await readFile(place.path('input/b2.png'))).length);
  await writeFile(place.path('input/b2.png'), changed);
  await utimes(place.path('input/b2.png'), later, later);
  await writeFile(place.path('input/b3.png'), png(20, 20));

  const run = await again(place);
  expect(Object.keys(run.outcomes).sort()).toEqual(['2.png', '3.png', '7.png', 'b2.png', 'b3.png']);
  expect(run.counts).toMatchObject({ translated: 5, skipped: 4, left: 0 });
  expect(run.files).toEqual([...PAGES, '7.png', 'b1.png', 'b2.png', 'b3.png']);
  expect(notices(run.launcher)).toEqual([
    'warn: 1 output has a different size than recorded, but is complete: kept as edited by hand.',
    'warn: 2 pages have a different source than recorded: they are translated again, and their outputs replaced. Use a separate output folder for each input folder (-o).',
    'info: 2 outputs are truncated or missing: translated again.',
  ]);
  expect((await readFile(place.path('input-translated/1.png'))).equals(touchedUp)).toBe(true);
  expect(await readFile(place.path('input-translated/b2.png'))).toEqual(translatedByFake(changed));
  expect((await ledgerOf(place)).get('b1.png')?.source?.mtimeMs).toBeCloseTo(later.getTime(), 0);
  expect((await again(place)).counts).toMatchObject({ skipped: 9 });
});

test('pages that failed are tried again', async () => {
  const place = await Place.make({ pages: PAGES });
  const first = await again(place, { plan: { '2.png': 'exit1' } });
  expect(first.code).toBe(1);
  expect(first.counts).toMatchObject({ translated: 5, failed: 1 });
  const second = await again(place);
  expect(second.code).toBe(0);
  expect(second.outcomes).toEqual({ '2.png': 'translated' });
  expect(second.counts).toMatchObject({ skipped: 5 });
});

test('--limit goes on with the next pages', async () => {
  const place = await Place.make({ pages: PAGES });
  for (const [later, ...pages] of [
    [2, '1.png', '2.png', '3.png', '4.png'],
    [undefined, '5.png', '6.png'],
  ]) {
    const run = await again(place, { args: ['--limit', '4'] });
    expect(run.code).toBe(0);
    expect(run.launcher.of('pages-found')[0]?.later).toBe(later);
    expect(Object.keys(run.outcomes).sort()).toEqual(pages);
  }
});

test('folders of .mgpu that a run needs no more are gone, and ten runs are kept', async () => {
  const place = await finished(['1.png']);
  const runs = place.path('input-translated/.mgpu/runs');
  for (let old = 10; old < 21; old++) await mkdir(`${runs}/2001-01-${old}T00-00-00-abcd`);
  await mkdir(place.path('input-translated/.mgpu/work/gpu0-0/1/out'), { recursive: true });
  await copyFile(place.path('input/1.png'), place.path('input-translated/.mgpu/work/gpu0-0/1/out/1.png'));
  expect((await again(place)).code).toBe(0);
  const kept = (await readdir(runs)).sort();
  expect(kept).toHaveLength(10);
  expect(kept[0]).toMatch(/^2001-01-13/);
});

test('a copy that a killed run was at is gone once its page has an end again', async () => {
  const place = await Place.make({ pages: ['1-exit1.png', '2.png'], gpus: 1 });
  const how = { args: ['--retries', '0', '--on-failed', 'copy'], beside: ['1-exit1.png'] };
  await mkdir(place.path('input-translated'));
  const seen = new Set<string | null>();
  const watcher = watch(place.path('input-translated'), (_, name) => seen.add(name));
  await checkAccounts(place, place.start(how), how);
  watcher.close();
  const [half, ...more] = [...seen].filter((name) => name?.endsWith('.part'));
  expect([half, more]).toEqual([expect.any(String), []]);
  await writeFile(place.path(`input-translated/${half}`), 'hal');
  const run = await checkAccounts(place, place.start(how), how);
  expect(run.files).toEqual(['1-exit1.png', '2.png']);
});
