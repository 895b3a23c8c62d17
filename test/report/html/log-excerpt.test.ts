import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { EXCERPT_BYTES, SlotLog } from '../../../src/report/html/log-excerpt.ts';
import { timeOf } from './many-pages.ts';

const START_MS = Date.parse(timeOf(0));
const at = (seconds: number): number => START_MS + seconds * 1000;
const line = (seconds: number, msg: string): string =>
  `${JSON.stringify({ level: 'info', time: timeOf(seconds), slot: 'gpu0-0', stream: 'stdout', msg })}\n`;

async function logOf(...lines: readonly string[]): Promise<SlotLog> {
  const folder = await mkdtemp(path.join(tmpdir(), 'log-'));
  const file = path.join(folder, 'gpu0-0.log');
  await writeFile(file, lines.join(''));
  const log = await SlotLog.open(file);
  onTestFinished(async () => {
    await log?.close();
    await rm(folder, { recursive: true });
  });
  if (log === undefined) throw new Error('there is no log');
  return log;
}

const excerpt = (log: SlotLog, from: number, to: number): Promise<string> =>
  log.excerpt({ startMs: at(from), endMs: at(to) });

test('gives the lines of a time out of a long log, wherever it is', async () => {
  const log = await logOf(
    ...Array.from({ length: 20_000 }, (_, second) => line(second, `second ${second} 漫画`)),
  );
  for (const second of [0, 1, 9999, 19_997])
    expect(await excerpt(log, second, second + 2)).toBe(
      [0, 1, 2].map((more) => `second ${second + more} 漫画`).join('\n'),
    );
  expect(await excerpt(log, 30_000, 40_000)).toBe('');
});

test('keeps the last 2 kB, whole lines of them; of one line that is longer, its end', async () => {
  const many = await logOf(...Array.from({ length: 500 }, (_, n) => line(5, `line ${n}`)));
  const said = await excerpt(many, 0, 10);
  expect(Buffer.byteLength(said)).toBeLessThanOrEqual(EXCERPT_BYTES);
  expect(said.endsWith('\nline 499')).toBe(true);
  expect(said.split('\n')[0]).toMatch(/^line \d+$/);
  const long = await logOf(line(5, `${'漫'.repeat(3000)} the end`));
  const end = await excerpt(long, 0, 10);
  expect(Buffer.byteLength(end)).toBeLessThanOrEqual(EXCERPT_BYTES);
  expect(end).toMatch(/^…漫+ the end$/);
});

test('passes over lines that are none, and lines without a time', async () => {
  const log = await logOf(
    line(1, 'a'),
    'rubbish\n',
    '{"level":"warn","msg":"9 lines left out"}\n',
    line(2, '"time":"x"'),
    '{"torn',
  );
  expect(await excerpt(log, 0, 9)).toBe('a\n"time":"x"');
});

test('a link is no log', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'log-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await symlink('/etc/passwd', path.join(folder, 'gpu0-0.log'));
  expect(await SlotLog.open(path.join(folder, 'gpu0-0.log'))).toBeUndefined();
});
