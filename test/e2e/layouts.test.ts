import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { png } from '../fixtures/images.ts';
import { type Launcher, Place } from './rig.ts';

const SCRIPT = fileURLToPath(new URL('../fixtures/level_translate.py', import.meta.url));
const OUT = 'input-translated';

/** What one child was given. */
interface Call {
  readonly args: string[];
  readonly pages: string[];
  readonly gpu: string;
}

/** A place with pages and a script that reads one level of folders. */
class OneLevel {
  readonly place: Place;
  #calls = 0;

  private constructor(place: Place) {
    this.place = place;
  }

  static async make(pages: readonly string[], gpus = 1): Promise<OneLevel> {
    return new OneLevel(await Place.make({ pages: [...pages], gpus, script: false }));
  }

  start(args: readonly string[], env: Record<string, string> = {}, words = '{input} {output}'): Launcher {
    return this.place.start({
      args: ['--command', `python3 '${SCRIPT}' ${words}`, ...args],
      env: { CALLS: this.place.path('calls'), ...env },
    });
  }

  /** What children got since it was asked last. */
  async calls(): Promise<Call[]> {
    const text = await readFile(this.place.path('calls'), 'utf8').catch(() => '');
    const lines = text.split('\n').filter((line) => line !== '');
    const added = lines.slice(this.#calls);
    this.#calls = lines.length;
    return added.map((line) => JSON.parse(line) as Call);
  }

  /** Files in a folder and below, without the launcher's own. */
  async files(folder = OUT): Promise<string[]> {
    const names = await readdir(this.place.path(folder), { recursive: true, withFileTypes: true });
    const files = names.filter((entry) => entry.isFile() && !entry.parentPath.includes('.mgpu'));
    const from = this.place.path(folder).length + 1;
    return files.map((entry) => `${entry.parentPath}/${entry.name}`.slice(from)).sort();
  }

  /** True where every original still ends as it did when it was made. */
  async areOriginalsWhole(pages: readonly string[]): Promise<boolean> {
    const contents = await Promise.all(pages.map((page) => readFile(this.place.path(`input/${page}`))));
    return contents.every((content) => !content.includes('faKeX'));
  }
}

const ODD = [
  'a, b/it\'s "1".png',
  'c/it\'s "1".png',
  'c/IT\'S "1".png',
  '漫/漫 1.png',
  'result/漫 1.png',
  '0.png',
];

test('flat: equal names, names that differ in case, odd ones, with --output-name, on two workers', async () => {
  const script = await OneLevel.make(ODD);
  const run = script.start(
    ['--batch-layout', 'flat', '--output-name', '{stem}_tr{ext}', '-w', '2'],
    {},
    '{input} {output} _tr',
  );
  expect(await run.exit).toBe(0);
  expect(await script.files()).toEqual(ODD.toSorted());
  const calls = await script.calls();
  expect(calls).toHaveLength(2);
  for (const { pages } of calls) expect(pages.some((page) => page.includes('/'))).toBe(false);
});

test('{page}: a program for each page, on two workers, whatever it is called', async () => {
  const script = await OneLevel.make(ODD, 2);
  const run = script.start(['--format', 'png'], {}, '{page} {pageOutput} {gpuIndex}');
  expect(await run.exit).toBe(0);
  expect(await script.files()).toEqual(ODD.toSorted());
  const calls = await script.calls();
  expect(calls).toHaveLength(ODD.length);
  for (const { args } of calls) expect(args[0]).toMatch(/\/in\/[^/]+$/);
  for (const { args, gpu } of calls) expect(args[2]).toBe(gpu.replace('GPU-', ''));
  expect(new Set(calls.map(({ gpu }) => gpu)).size).toBe(2);
});

test('outputs among the pages, in a folder that the input has too: a killed run pays for nothing twice', async () => {
  const pages = ['1.png', 'a/1.png', 'result/1.png', 'result/2.png'];
  const script = await OneLevel.make(pages);
  const inResult = ['--outputs-in', '{input}/result'];
  const killed = script.start(inResult, { DEEP: '1', WHERE: 'in/result', HANG: 'result-2/2.png' });
  await killed.event('page-started', ({ page }) => page === 'result/1.png');
  killed.kill('SIGKILL');
  await killed.exit;
  expect(await script.areOriginalsWhole(pages)).toBe(true);
  await script.calls();

  // Another layout does not change what the outputs are.
  const again = script.start([...inResult, '--batch-layout', 'folder'], { WHERE: 'in/result' });
  expect(await again.exit).toBe(0);
  expect((await script.calls()).map((call) => call.pages)).toEqual([['2.png']]);
  expect(await script.files()).toEqual(pages);
  expect(await script.files('input')).toEqual(pages);
});

test('flat: a killed run leaves outputs that the next one gives to their pages', async () => {
  const pages = ['a/1.png', 'b/1.png', 'c/1.png'];
  const script = await OneLevel.make(pages);
  const killed = script.start(['--batch-layout', 'flat'], { HANG: 'c_1.png' });
  await killed.event('page-started', ({ page }) => page === 'b/1.png');
  killed.kill('SIGKILL');
  await killed.exit;
  await script.calls();
  // This script comes to no page in a folder without the option: what is there was taken before.
  const again = script.start([]);
  expect(await again.exit).toBe(1);
  expect(await script.files()).toEqual(['a/1.png', 'b/1.png']);
  expect(again.of('notice').map(({ text }) => text)).toContainEqual(
    expect.stringMatching(/^level_translate\.py translated none of its pages, .* add --batch-layout folder/),
  );
});

test('a script that writes over its pages, or beside them, writes to copies; one that it forgets is not done', async () => {
  const pages = ['a/1.png', 'a/2.png', 'b/1.png'];
  const script = await OneLevel.make(pages);
  const flat = ['--batch-layout', 'flat', '--outputs-in', '{input}'];
  expect(await script.start(flat, { WHERE: 'over' }).exit).toBe(0);
  expect(await script.areOriginalsWhole(pages)).toBe(true);
  expect(await script.files()).toEqual(pages);

  const beside = script.start(
    [...flat, '--overwrite', 'all', '--output-name', '{stem}_tr{ext}'],
    { WHERE: 'in' },
    '{input} {output} _tr',
  );
  expect(await beside.exit).toBe(0);
  expect(await script.files()).toEqual(pages);

  const idle = script.start([...flat, '--overwrite', 'all', '--retries', '0'], { WHERE: 'out' });
  expect(await idle.exit).toBe(3);
  expect(idle.of('page-finished').filter(({ outcome }) => outcome !== 'failed')).toEqual([]);
});

test('a script that reads one level is told of after its first batch, and the option helps', async () => {
  const pages = ['1.png', '2.png', 'a/1.png', 'a/2.png', 'b/1.png'];
  const script = await OneLevel.make(pages);
  const run = script.start([]);
  expect(await run.exit).toBe(3);
  expect(run.stderr).toContain('level_translate.py translated 2 pages, and none of 3 in sub-folders');
  expect(run.stderr).toContain('--batch-layout folder');
  expect(await script.calls()).toHaveLength(1);
  const told = script.start(['--batch-layout', 'folder']);
  expect(await told.exit).toBe(0);
  expect((await script.calls()).map((call) => call.pages)).toEqual([['1.png', '2.png'], ['1.png']]);
  expect(await script.files()).toEqual(pages);
});

test('a script that writes into a folder of its input is ended at its first pages, which the run that is told takes', async () => {
  const pages = ['ch1/1.png', 'ch1/2.png', 'ch2/1.png'];
  const script = await OneLevel.make(pages);
  const run = script.start(['--batch-layout', 'flat'], { WHERE: 'in/result', HANG: 'ch2_1.png' });
  expect(await run.exit).toBe(3);
  expect(run.stderr).toContain("add --outputs-in '{input}/result': they are kept");
  await script.calls();
  const options = ['--batch-layout', 'flat', '--outputs-in', '{input}/result'];
  const told = script.start(options, { WHERE: 'in/result' });
  expect(await told.exit).toBe(0);
  expect((await script.calls()).map((call) => call.pages)).toEqual([['1.png']]);
  expect(await script.files()).toEqual(pages);
});

test('a script that writes the pages of all folders into one is ended at its first pages, and --batch-layout helps', async () => {
  const pages = ['a/1.png', 'a/2.png', 'b/1.png', 'b/2.png'];
  const script = await OneLevel.make(pages);
  const flattens = { DEEP: '1', FLATTENS: '1' };
  const run = script.start([], { ...flattens, HANG: 'b/1.png' });
  expect(await run.exit).toBe(3);
  expect(run.stderr).toMatch(
    /wrote [12]\.png, and pages of that name are in folders: .*\n.*--batch-layout folder/,
  );
  const told = script.start(['--batch-layout', 'folder'], flattens);
  expect(await told.exit).toBe(0);
  for (const page of pages) expect(await script.files()).toContain(page);
});

test('pages in a folder that failed in an earlier run are no sign of a script that reads one level', async () => {
  const place = await Place.make({ pages: ['a/1.png', 'a/2-forget.png', 'a/3-forget.png'], gpus: 1 });
  expect(await place.start({ args: ['--retries', '0'] }).exit).toBe(1);
  await place.write('input/new.png', png(8, 8, 9));
  const again = place.start({ args: ['--retries', '0'] });
  expect(await again.exit).toBe(1);
  expect(again.stderr).not.toContain('--batch-layout');
});
