import { mkdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import { beforeEach, expect, test } from 'vitest';
import type { LedgerLine } from '../../../src/store/ledger/ledger-line.ts';
import { StandIns } from '../../../src/store/outputs/stand-ins.ts';
import { tempFolder } from '../../pages/temp-folder.ts';
import { lineOf } from '../lines.ts';

const PAGE = { id: 'ch1/1.png', path: '/in/ch1/1.png' };
const stampOf = (content: string) => ({ bytes: content.length, crc32: crc32(content) });
const sourceOf = (content: string) => ({ ...stampOf(content), mtimeMs: 1 });
const standInOf = (content: string) => ({ path: PAGE.id, ...stampOf(content) });
const failed = (but: Partial<LedgerLine> = {}): LedgerLine =>
  lineOf(PAGE.id, { outcome: 'failed', reason: 'error', source: sourceOf('original'), output: null, ...but });

let outputRoot: string;
beforeEach(async () => {
  outputRoot = await tempFolder();
  await mkdir(path.join(outputRoot, 'ch1'));
});

interface Given {
  readonly line?: LedgerLine;
  /** What the file in the page's place holds. */
  readonly there?: string;
  /** Another file that stands as the page's output. */
  readonly standing?: string;
  readonly onFailed?: 'leave' | 'copy';
}

async function standIns({ line, there, standing, onFailed = 'copy' }: Given): Promise<StandIns> {
  if (there !== undefined) await writeFile(path.join(outputRoot, PAGE.id), there);
  return new StandIns({
    outputRoot,
    onFailed,
    lastLineOf: () => line,
    standingOf: async () => standing,
  });
}

const planned = async (given: Given, source: string | null = 'original') =>
  (await standIns(given)).planFor(PAGE, 'error', source === null ? null : sourceOf(source));

const NEW = { standIn: standInOf('original'), isNew: true };
const KEPT = { note: 'the output of an earlier run is kept' };

test.each<[string, Given, object]>([
  ['nothing is there', {}, NEW],
  ['a stand-in is there', { line: failed({ standIn: standInOf('original') }), there: 'original' }, NEW],
  [
    'one of another source is there',
    { line: failed({ standIn: standInOf('earlier') }), there: 'earlier' },
    NEW,
  ],
  ['one of 0.1.0 is there', { line: failed({ source: sourceOf('earlier') }), there: 'earlier' }, NEW],
  ['a noted one is gone', { line: failed({ standIn: standInOf('original') }) }, NEW],
  ['an output of 0.1.0 is there', { line: failed(), there: 'a translation' }, KEPT],
  ['a translation is there', { line: lineOf(PAGE.id), there: 'a translation' }, KEPT],
  [
    'an untranslated output is there',
    { line: lineOf(PAGE.id, { outcome: 'untranslated' }), there: 'original' },
    KEPT,
  ],
  [
    'an output of its stand-in’s size is there',
    { line: failed({ standIn: standInOf('original') }), there: 'ORIGINAL' },
    KEPT,
  ],
  [
    'a stand-in was touched up',
    { line: failed({ standIn: standInOf('original') }), there: 'original, and more' },
    KEPT,
  ],
  ['a file that no ledger knows is there', { there: 'original' }, KEPT],
  ['an output of another suffix is there', { line: failed(), standing: 'ch1/1.webp' }, KEPT],
])('a failed page when %s', async (_name, given, plan) => {
  expect(await planned(given)).toEqual(plan);
});

test('a link in its place is no stand-in, whatever it leads to', async () => {
  await writeFile(path.join(outputRoot, 'elsewhere'), 'original');
  await symlink('../elsewhere', path.join(outputRoot, PAGE.id));
  expect(await planned({ line: failed({ standIn: standInOf('original') }) })).toEqual(KEPT);
});

test('what an earlier run noted is not forgotten by one that copies nothing', async () => {
  const line = failed({ standIn: standInOf('earlier') });
  expect(await planned({ line, onFailed: 'leave' })).toEqual({ standIn: standInOf('earlier') });
  expect(await planned({ line }, null)).toEqual({
    standIn: standInOf('earlier'),
    note: expect.stringContaining("can't be read"),
  });
  const collision = await (await standIns({ line })).planFor(PAGE, 'collision', sourceOf('original'));
  expect(collision).toEqual({ standIn: standInOf('earlier') });
});

test.each<[string, Given, string | undefined]>([
  ['a stand-in', { line: failed({ standIn: standInOf('original') }), there: 'original' }, PAGE.id],
  [
    'one, in a run without copies',
    { line: failed({ standIn: standInOf('original') }), there: 'original', onFailed: 'leave' },
    PAGE.id,
  ],
  ['one of 0.1.0', { line: failed(), there: 'original' }, PAGE.id],
  [
    'what may be one of 0.1.0, in a run without copies',
    { line: failed(), there: 'original', onFailed: 'leave' },
    undefined,
  ],
  [
    'another file of its size',
    { line: failed({ standIn: standInOf('original') }), there: 'ORIGINAL' },
    undefined,
  ],
  [
    'the output of an earlier run',
    { line: lineOf(PAGE.id, { source: sourceOf('original') }), there: 'original' },
    undefined,
  ],
  ['a file of nobody', { there: 'original' }, undefined],
])('beside an output of another name lies %s', async (_name, given, left) => {
  expect(await (await standIns(given)).leftBeside(PAGE.id, 'ch1/1.webp')).toBe(left);
  expect(await (await standIns(given)).leftBeside(PAGE.id, PAGE.id)).toBeUndefined();
});
