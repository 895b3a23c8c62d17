import { execFile } from 'node:child_process';
import { readdir, readFile, symlink } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { RECIPES } from '../../src/translators/recipes/recipes.ts';
import { ROOT, readPage, titledBlocks } from '../docs/shown.ts';
import { COMPILED } from '../fixtures/compiled.ts';
import { Place } from './rig.ts';

const FAKES = path.join(ROOT, 'test/fixtures/fake-programs');
const BLOCKS = titledBlocks(await readPage('docs/translators.md'));
const PAGES = ['0.png', 'ch1/001.png', 'ch1/002.PNG', 'ch2/001.png', 'result/001.png'];

/** A home with pages and a clone of every program. */
async function homeOf(pages: readonly string[]): Promise<Place> {
  const place = await Place.make({ pages: [...pages], gpus: 2, script: false });
  for (const { title } of RECIPES) await symlink(path.join(FAKES, title), place.path(title));
  await symlink(path.join(ROOT, 'bin/mgpu-translate.js'), place.path('bin/mgpu-translate'));
  return place;
}

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a line as a shell does, in a place. */
function shell(place: Place, line: string, env: Record<string, string> = {}): Promise<Ended> {
  const PATH = `${place.path('bin')}:${path.dirname(process.execPath)}:${process.env.PATH}`;
  const options = {
    cwd: place.root,
    env: { PATH, HOME: place.root, ...COMPILED, FAKE_CALLS: place.path('calls'), ...env },
  };
  return new Promise((resolve) => {
    execFile('bash', ['-c', line], options, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });
}

interface Call {
  readonly program: string;
  readonly args: readonly string[];
  readonly pages: readonly string[];
  readonly cwd: string;
}

async function callsIn(place: Place): Promise<Call[]> {
  const text = await readFile(place.path('calls'), 'utf8').catch(() => '');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Call);
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && !entry.parentPath.includes('.mgpu'))
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .sort();
}

test('every program that is known is shown', () => {
  expect(BLOCKS.map(({ title }) => title)).toEqual(RECIPES.map(({ name }) => `recipe-${name}`));
});

test.each(RECIPES)('the line for $name works, and touches no original', async ({ name, title }) => {
  const place = await homeOf(PAGES);
  const code = BLOCKS.find((block) => block.title === `recipe-${name}`)?.code ?? '';
  const line = code.replace('~/manga-translator-ui/venv/bin/python', 'python3').trim();
  const ended = await shell(place, line);
  expect(ended).toMatchObject({ code: 0, stderr: expect.not.stringContaining('warning') });
  const made = (await filesIn(place.path('input-translated'))).map((file) => file.replace(/\.png$/i, ''));
  expect(made).toEqual(PAGES.map((page) => page.replace(/\.png$/i, '')).sort());
  expect(await filesIn(place.path('input'))).toEqual(PAGES.toSorted());
  const calls = await callsIn(place);
  expect(new Set(calls.map(({ program }) => program))).toEqual(new Set([title]));
  for (const page of PAGES) {
    const content = await readFile(place.path(`input/${page}`));
    expect(content.includes('faKeX')).toBe(false);
  }
});

test('a page that fails costs itself alone, as each program fails', async () => {
  const place = await homeOf(['a/1.png', 'a/2fail.png', 'b/3.png']);
  const run = (recipe: string): Promise<Ended> =>
    shell(place, `mgpu-translate run input -o out/${recipe} -g 0 --retries 0 -q -t ${recipe}`);
  const ended = await Promise.all(RECIPES.map(({ name }) => run(name)));
  for (const [at, { name }] of RECIPES.entries()) {
    expect([name, ended[at]?.code]).toEqual([name, 1]);
    const images = (await filesIn(place.path(`out/${name}`))).filter((file) => file.endsWith('.png'));
    expect([name, ...images]).toEqual([name, 'a/1.png', 'b/3.png']);
  }
});

test('what a program can not have in a path is said before anything is started, with what helps', async () => {
  const place = await homeOf(['1.png']);
  const run = (args: string): Promise<Ended> => shell(place, `mgpu-translate run input -q ${args}`);
  const [comma, pattern] = await Promise.all([
    run("-o 'out, too' -t ballonstranslator"),
    run("-o '[Group] out' -t real-esrgan"),
  ]);
  expect(comma).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/BallonsTranslator can't work in .*comma[\s\S]*--work/),
  });
  expect(pattern).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/Real-ESRGAN can't work in .*pattern[\s\S]*--work/),
  });
  expect(await callsIn(place)).toEqual([]);
  expect((await run("-o '[Group] out' -t real-esrgan --work work")).code).toBe(0);
});

test('doctor tries each program, and says what is missing', async () => {
  const place = await homeOf(['1.png']);
  const doctor = (args: string): Promise<Ended> =>
    shell(place, `mgpu-translate doctor --json -g cpu ${args}`);
  const found = await Promise.all(RECIPES.map(({ name }) => doctor(`-t ${name}`)));
  for (const [at, { title }] of RECIPES.entries()) {
    const { findings } = JSON.parse(found[at]?.stdout ?? '{}') as {
      findings: { check: string; text: string; level: string }[];
    };
    expect(findings.find(({ check }) => check === 'translator')).toMatchObject({
      level: 'ok',
      text: expect.stringMatching(new RegExp(`^${title}: given by --translator .*it starts`)),
    });
  }
  const unfit = await doctor("-t ballonstranslator -o 'out, too'");
  expect([unfit.code, unfit.stdout]).toEqual([3, expect.stringContaining("BallonsTranslator can't work in")]);
  const missing = await doctor('-t real-esrgan:MangaTranslator');
  expect(missing.code).toBe(3);
  expect(missing.stdout).toContain('no Real-ESRGAN in that folder (inference_realesrgan.py is missing)');
});
