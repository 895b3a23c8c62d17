import { mkdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { Refusal } from '../../../src/model/refusal.ts';
import { Inspector } from '../../../src/pages/inspector.ts';
import { isMisplacing } from '../../../src/run/slots/is-misplacing.ts';
import { tellElsewhere } from '../../../src/run/slots/outputs-elsewhere.ts';
import { png } from '../../fixtures/images.ts';
import { tempFolder } from '../../pages/temp-folder.ts';

/** Whether a child is ended early for these files where it was started, and what the run says then. */
async function judged(
  files: readonly string[],
  {
    before = [],
    guessesOutputs = true,
    hasMade = false,
    others = [],
    sourceBytes = 1,
  }: {
    before?: readonly string[];
    guessesOutputs?: boolean;
    hasMade?: boolean;
    others?: readonly string[];
    sourceBytes?: number;
  } = {},
): Promise<string | undefined> {
  const cwd = await tempFolder();
  const write = async (names: readonly string[]): Promise<void> => {
    for (const name of names) {
      await mkdir(path.dirname(path.join(cwd, name)), { recursive: true });
      await writeFile(path.join(cwd, name), name.includes('cut') ? png(8, 8).subarray(0, 40) : png(8, 8));
    }
  };
  await write(before);
  const recordFile = path.join(cwd, 'batch.ndjson');
  const latestMs = async (): Promise<number> => (await stat(recordFile)).ctimeMs;
  // The clock of files has ticks: the record is later than what was there before.
  await writeFile(recordFile, '');
  for (const name of before) {
    const { ctimeMs } = await stat(path.join(cwd, name));
    while ((await latestMs()) <= ctimeMs) await utimes(recordFile, 1, 1);
  }
  await write(files);
  const failed: Refusal[] = [];
  const run = {
    inspector: new Inspector(new URL('file:///none.js')),
    ...{ naming: { hasMade }, told: new Set(), fail: (error: Refusal) => failed.push(error) },
  } as unknown as Parameters<typeof isMisplacing>[0] & Parameters<typeof tellElsewhere>[0];
  const batch = {
    translator: { name: 'tr.py', guessesOutputs, guessesLayout: false, command: () => ({ cwd }) },
    folder: { input: path.join(cwd, 'work/in'), recordFile },
    outputs: path.join(cwd, 'work/out'),
    sourceBytes: new Map([['ch1/1.png', sourceBytes]]),
    pages: new Map(['ch1/1.png', 'ch1/2.png', 'ch1/3.png'].map((id) => [id, { id }])),
    nameOf: (page: string) => page,
  } as unknown as Parameters<typeof tellElsewhere>[1] & Parameters<typeof isMisplacing>[1];
  const isEnded = await isMisplacing(run, batch, others);
  if (others.length === 0) expect(await tellElsewhere(run, batch)).toBe(isEnded);
  await rm(cwd, { recursive: true });
  return isEnded ? (failed[0]?.message.replace(cwd, '.') ?? 'ended') : undefined;
}

const RUN = '2026-01-02T03-04-05-678-ab12';
const WORK = `mgpu-${RUN}`;
const MADE = ['result/ch1/1.png', 'result/ch1/2.png'];

test('a child that writes its pages into a folder for results where it was started is ended at the second one', async () => {
  expect(await judged(MADE)).toMatch(
    /^tr\.py writes its pages to \.\/result\/ch1\/1\.png, and nothing where/,
  );
  expect(await judged(['my_outputs/ch1/1_ja.png', 'my_outputs/ch1/2_ja.png'])).toMatch(/\/my_outputs\//);
});

test.each<[what: string, files: readonly string[], rest?: Parameters<typeof judged>[1]]>([
  ['one image', MADE.slice(0, 1)],
  ['a second one that is not whole', [...MADE.slice(0, 1), 'result/ch1/2-cut.png']],
  ['what was there before', [], { before: MADE }],
  ['a folder for something else', ['masks/ch1/1.png', 'masks/ch1/2.png']],
  ['other names', ['result/a.png', 'result/b.png']],
  ['the output of a run', [...MADE, 'result/.mgpu/ledger.png']],
  ['the output of another run below it', ['out/v2/ch1/1.png', 'out/v2/ch1/2.png', 'out/v2/.mgpu/ledger.png']],
  ['the output of a run that the program is started in', [...MADE, '.mgpu/ledger.png']],
  ['what a run works in', [1, 2].map((page) => `results/${WORK}/gpu0-0/1/copies/ch1/${page}.png`)],
  ['what a run has copied ahead', [1, 2].map((page) => `output/mgpu-stage-${RUN}/ch1/${page}.png`)],
  ['a copy of a page and one image', MADE, { sourceBytes: png(8, 8).length }],
  ['the output of a run in a folder for results', ['out/ch1/1.png', 'out/ch1/2.png', 'out/ch1/.mgpu/ledger']],
  ['images where outputs are expected', MADE, { others: ['mask_1.png'] }],
  ['a place that somebody has named', MADE, { guessesOutputs: false }],
  ['pages that were made before', MADE, { hasMade: true }],
])('%s says nothing of where outputs are', async (_what, files, rest) => {
  expect(await judged(files, rest)).toBeUndefined();
});
