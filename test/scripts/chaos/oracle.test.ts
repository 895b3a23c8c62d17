import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { checkOriginals } from '../../../scripts/chaos/checks/originals.ts';
import { checkOutputs } from '../../../scripts/chaos/checks/outputs.ts';
import { checkSecrets } from '../../../scripts/chaos/checks/secrets.ts';
import { checkTemporary } from '../../../scripts/chaos/checks/temporary.ts';
import { Dice } from '../../../scripts/chaos/dice.ts';
import { translationOf } from '../../../scripts/chaos/png-page.ts';
import { Scene } from '../../../scripts/chaos/scene.ts';
import { drawSetting } from '../../../scripts/chaos/setting.ts';
import { drawStory } from '../../../scripts/chaos/story.ts';
import type { Violation } from '../../../scripts/chaos/violation.ts';
import type { LedgerLine } from '../../../src/store/ledger/ledger-line.ts';

const PAGES = ['a.png', 'ch1/b.png'];

let scene: Scene;
beforeEach(async () => {
  const root = await mkdtemp(path.join(tmpdir(), 'mgpu-oracle-'));
  onTestFinished(() => rm(root, { recursive: true }));
  const drawn = drawSetting(new Dice('any'), { canMount: false });
  const setting = { ...drawn, pages: PAGES, workApart: false, onFailed: 'leave' } as const;
  const none = { program: '', worker: '', smallDisks: [], refusingDisk: undefined };
  scene = new Scene(root, setting, { ...none, home: root, otherDisk: root }, undefined);
  await scene.prepare();
  await mkdir(path.join(scene.output, 'ch1'), { recursive: true });
  for (const page of PAGES) await put(page, translationOf(sourceOf(page)));
});

const sourceOf = (page: string): Buffer => scene.book.of(page).versions[0] ?? Buffer.alloc(0);
const put = (name: string, content: Buffer | string): Promise<void> =>
  writeFile(path.join(scene.output, name), content);
const lineOf = (page: string): LedgerLine => ({
  type: 'page-finished',
  time: '2026-01-01T00:00:00.000Z',
  page,
  attempt: 1,
  outcome: 'translated',
  source: null,
  output: { path: page, bytes: 1 },
  options: 'x',
});
const outputs = async (): Promise<string[]> =>
  textsOf(await checkOutputs(scene, { lines: new Map(PAGES.map((page) => [page, lineOf(page)])) }));
const textsOf = (found: readonly Violation[]): string[] => found.map(({ text }) => text);

test('a right output is right', async () => {
  expect(await outputs()).toEqual([]);
  expect(await checkOriginals(scene)).toEqual([]);
  expect(await checkTemporary(scene)).toEqual([]);
});

test('finds outputs that are missing, cut, of another page, originals, and of nobody', async () => {
  await rm(path.join(scene.output, 'a.png'));
  expect(await outputs()).toEqual(['a.png: no output']);
  await put('a.png', translationOf(sourceOf('a.png')).subarray(0, -1));
  expect(await outputs()).toEqual([expect.stringContaining('a.png: it is cut')]);
  await put('a.png', translationOf(sourceOf('ch1/b.png')));
  expect(await outputs()).toEqual([expect.stringContaining('a.png: another content')]);
  await put('a.png', sourceOf('a.png'));
  expect(await outputs()).toEqual([expect.stringContaining('a.png: an original')]);
  await put('a.png', translationOf(sourceOf('a.png')));
  await put('c.png', 'x');
  expect(await outputs()).toEqual(["c.png: no page's output"]);
});

test('finds the output of a source that was replaced', async () => {
  await scene.book.replace('a.png', { inPlace: false });
  expect(await outputs()).toEqual([expect.stringContaining('a.png: the translation of an older source')]);
});

test('finds originals that were changed, and what was put beside them', async () => {
  await writeFile(path.join(scene.book.input, 'a.png'), 'x');
  await writeFile(path.join(scene.book.input, 'new.txt'), 'x');
  expect(textsOf(await checkOriginals(scene))).toEqual(['a.png is not what it was', 'new.txt was put there']);
});

test('finds temporary files and secrets', async () => {
  await mkdir(path.join(scene.output, '.mgpu/runs/1/logs'), { recursive: true });
  for (const name of ['.mgpu/lock', '.mgpu/work.1', 'ch1/.mgpu-0-1.part', '.mgpu/runs/1/logs/gpu0.log'])
    await put(name, `{"text":"key ${scene.setting.secrets[1]}"}`);
  const left = textsOf(await checkTemporary(scene)).map((file) => path.relative(scene.output, file));
  expect(left.sort()).toEqual(['.mgpu/lock', '.mgpu/work.1', 'ch1/.mgpu-0-1.part']);
  expect(await checkSecrets(scene)).toHaveLength(4);
});

test('a seed gives the same story again, and another one another', () => {
  const limits = { canMount: true, canRefuse: true, kinds: undefined };
  const draw = (seed: number, index: number): string => JSON.stringify(drawStory(seed, index, limits));
  expect(draw(7, 3)).toBe(draw(7, 3));
  expect(new Set([draw(7, 3), draw(7, 4), draw(8, 3)]).size).toBe(3);
});
