import { mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { RunEvent } from '../../src/model/events.ts';
import { RunRecords } from '../../src/run/run-records.ts';

const TIME = '2026-01-01T00:00:00.000Z';
const said = (slot: string, text: string): RunEvent => ({
  type: 'worker-log',
  time: TIME,
  slot,
  stream: 'stderr',
  text,
  level: 'info',
});
const notice = (text: string): RunEvent => ({ type: 'notice', time: TIME, level: 'warn', text });

async function makeFolders(): Promise<{ run: string; logs: string }> {
  const run = await mkdtemp(path.join(tmpdir(), 'run-records-'));
  return { run, logs: path.join(run, 'logs') };
}

async function linesOf(file: string): Promise<Record<string, unknown>[]> {
  const text = await readFile(file, 'utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

test('all lines of a run’s first moment are in their logs once it is drained, however many', async () => {
  const folders = await makeFolders();
  const records = new RunRecords(folders, (error) => {
    throw error;
  });
  for (let n = 0; n < 12_000; n += 1) records.report(said('gpu0-0', `line ${n}`));
  records.report(said('gpu1-0', 'the only one'));
  await records.drained();
  const lines = await linesOf(path.join(folders.logs, 'gpu0-0.log'));
  expect(lines.map(({ msg }) => msg)).toEqual(Array.from({ length: 12_000 }, (_, n) => `line ${n}`));
  expect(await linesOf(path.join(folders.logs, 'gpu1-0.log'))).toEqual([
    { level: 'info', time: expect.any(String), slot: 'gpu1-0', stream: 'stderr', msg: 'the only one' },
  ]);
  await records.close();
  expect((await readdir(folders.logs)).sort()).toEqual(['gpu0-0.log', 'gpu1-0.log']);
});

test('logs that can’t be written are told of, and the events are written all the same', async () => {
  const folders = await makeFolders();
  await writeFile(folders.logs, 'a file where the folder belongs');
  const errors: Error[] = [];
  const records = new RunRecords(folders, (error) => {
    errors.push(error);
    records.report(notice(error.message));
  });
  records.report(said('gpu0-0', 'one'));
  records.report(said('gpu0-0', 'two'));
  await records.drained();
  records.report(notice('the end'));
  await records.close();
  expect(errors.map(({ message }) => message)).toEqual([expect.stringMatching(/^E\w+: /)]);
  const events = await linesOf(path.join(folders.run, 'events.ndjson'));
  expect(events).toEqual([notice(errors[0]?.message ?? ''), notice('the end')]);
});
