import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { callProgram } from '../../src/cli/call-program.ts';

let folder: string;
let output: number;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'mgpu-'));
  output = openSync(path.join(folder, 'output'), 'w');
});
afterEach(() => {
  closeSync(output);
  rmSync(folder, { recursive: true });
});

const call = (words: string[], { input = '', timeoutMs = 60_000 } = {}): Promise<string | undefined> =>
  callProgram(words, { env: { PATH: process.env.PATH }, cwd: folder, input, output, timeoutMs });
const written = (): string => readFileSync(path.join(folder, 'output'), 'utf8');

test('it reads its input, and all it writes goes to one place', async () => {
  expect(await call(['sh', '-c', 'cat; pwd >&2'], { input: 'summary\n' })).toBeUndefined();
  expect(written()).toBe(`summary\n${folder}\n`);
});

test('it need not read its input, however long that is', async () => {
  expect(await call(['true'], { input: 'x'.repeat(4_000_000) })).toBeUndefined();
});

test.each([
  [['nosuch', '--secret'], 'there is no program nosuch'],
  [['sh', '-c', 'exit 22'], 'sh ended with exit code 22'],
  [['sh', '-c', 'kill -SEGV $$'], 'sh ended with SIGSEGV'],
  [['sh', 'a\0b'], /^it could not be started: /],
  [['sh', 'x'.repeat(3_000_000)], /^it could not be started: .*E2BIG/],
])('what goes wrong is told: %#', async (words, trouble) => {
  const told = await call(words);
  if (typeof trouble === 'string') expect(told).toBe(trouble);
  else expect(told).toMatch(trouble);
});

test('once its time is over, it is killed with what it started', async () => {
  const script = 'trap "" TERM; sleep 1000 & echo $!; wait';
  expect(await call(['sh', '-c', script], { timeoutMs: 500 })).toBe(
    'sh took longer than 0.5 s and was ended',
  );
  const pid = written().trim();
  expect(pid).toMatch(/^\d+$/);
  const states = (): string =>
    execFileSync('sh', ['-c', `ps -o stat= -p ${pid} || true`], { encoding: 'utf8' });
  await expect.poll(states).toMatch(/^(?:Z.*\n)?$/);
});

test('one that stays in the background holds nothing up', async () => {
  expect(await call(['sh', '-c', 'sleep 5 & exit 0'], { input: 'x'.repeat(4_000_000) })).toBeUndefined();
});
