import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newRunName, runFolders, runOfWork } from '../../../src/store/outputs/run-folders.ts';

let cwd: string;
beforeAll(async () => {
  cwd = await mkdtemp(path.join(tmpdir(), 'output-folder-'));
  await mkdir(path.join(cwd, 'input'));
  await writeFile(path.join(cwd, 'file'), '');
});
afterAll(() => rm(cwd, { recursive: true, force: true }));

const of = (given: { output?: string; work?: string; single?: boolean; inputs?: string[] }) =>
  runFolders({
    inputs: given.inputs ?? ['input'],
    output: given.output,
    singleFolder: given.single === false ? undefined : path.join(cwd, 'input'),
    root: path.join(cwd, 'input'),
    work: given.work,
    run: 'RUN',
    cwd,
  });

test('the output stands beside a single input folder, work in progress and logs in it', async () => {
  expect(await of({})).toEqual({
    output: path.join(cwd, 'input-translated'),
    state: path.join(cwd, 'input-translated/.mgpu'),
    workPlace: path.join(cwd, 'input-translated/.mgpu'),
    work: path.join(cwd, 'input-translated/.mgpu/work.RUN'),
    run: path.join(cwd, 'input-translated/.mgpu/runs/RUN'),
    logs: path.join(cwd, 'input-translated/.mgpu/runs/RUN/logs'),
    existed: false,
  });
});

test('a work folder that is the user’s own is never taken as a whole: it is removed at the end', async () => {
  const folders = await of({ work: 'scratch' });
  expect(folders.workPlace).toBe(path.join(cwd, 'scratch'));
  expect(folders.work).toBe(path.join(cwd, 'scratch/mgpu-RUN'));
});

test('a work folder tells its run by its name, and other folders tell none', async () => {
  const [inOutput, own] = [await of({}), await of({ work: 'scratch' })];
  const run = newRunName(new Date(), { index: 2, of: 4 });
  expect(runOfWork(`work.${run}`, inOutput)).toBe(run);
  expect(runOfWork(`mgpu-${run}`, own)).toBe(run);
  for (const name of [run, 'mgpu-translate', 'mgpu-', `${run}.old`])
    expect(runOfWork(name, own)).toBeUndefined();
  for (const name of ['work', `work.old-${run}`, run]) expect(runOfWork(name, inOutput)).toBeUndefined();
});

test.each([
  [{ single: false }, /^--output is required/],
  [{ single: false, inputs: ['in', 'tr.py'] }, /^--output is required/],
  [{ output: 'file' }, /^--output file: that is a file/],
  [{ output: 'input' }, /^--output input: that is the input itself/],
  [{ single: false, output: 'y.cbz' }, /^--output y.cbz: that is an archive's name/],
])('refuses %j', async (given, message) => {
  await expect(of(given)).rejects.toMatchObject({ exitCode: 2, message: expect.stringMatching(message) });
});

test('a folder that is called like an archive is an output as any other', async () => {
  await mkdir(path.join(cwd, 'there.cbz'));
  expect((await of({ single: false, output: 'there.cbz' })).output).toBe(path.join(cwd, 'there.cbz'));
});

test.each([
  ['vol1.cbz', 'vol1.cbz', /^--output vol1.cbz: that is the input itself/],
  ['vol1.cbz', 'other.cbz', /^--output other.cbz: that is the input itself/],
  ['vol1.incomplete.cbz', 'vol1.cbz', /its pages would go into vol1.incomplete.cbz, the input itself/],
])('refuses %s as %s', async (input, output, message) => {
  await writeFile(path.join(cwd, input), '');
  if (output === 'other.cbz') await symlink(input, path.join(cwd, output));
  const singleArchive = path.join(cwd, input);
  const given = { inputs: [input], output, singleFolder: undefined, singleArchive, root: cwd, cwd };
  await expect(runFolders({ ...given, work: undefined, run: 'RUN' })).rejects.toMatchObject({
    exitCode: 2,
    message: expect.stringMatching(message),
  });
});

test('run names sort by time and differ within a second', () => {
  const [early, late] = [newRunName(new Date(1e12)), newRunName(new Date(2e12))];
  expect(early < late).toBe(true);
  expect(new Set(Array.from({ length: 50 }, () => newRunName(new Date(1e12)))).size).toBe(50);
});
