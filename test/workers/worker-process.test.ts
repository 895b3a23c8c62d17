import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { Guard } from '../../src/workers/guard.ts';
import { definedOnly, endInWords, signalGroup, startWorker } from '../../src/workers/worker-process.ts';

const guard = new Guard();
afterEach(() => vi.unstubAllEnvs());
afterAll(() => guard.close());

test("a worker has the environment it is given, with its command's own over it, and nothing else", async () => {
  vi.stubEnv('MGPU_TEST_LEAK', 'of the launcher');
  const command = { file: '/usr/bin/env', args: [], cwd: '/', env: { B: 'of the command' } };
  const worker = startWorker(command, { env: { A: 'given', B: 'given' }, guard });
  const [shown] = await Promise.all([text(worker.stdout), worker.ended]);
  expect(shown.trim().split('\n').sort()).toEqual([
    'A=given',
    'B=of the command',
    expect.stringMatching(/^MGPU_WORKER_OF=[0-9a-f-]{36}$/),
  ]);
});

test('variables without a value are left out', () => {
  expect(definedOnly({ A: 'a', B: undefined, C: '' })).toEqual({ A: 'a', C: '' });
});

test.each([
  ['no such file', { file: '/no/such/program', args: [] }, 'ENOENT'],
  ['a file that may not be executed', { file: import.meta.filename, args: [] }, 'EACCES'],
  ['arguments that are too long', { file: '/bin/true', args: ['x'.repeat(4_000_000)] }, 'E2BIG'],
  ['a folder that is not there', { file: '/bin/true', args: [], cwd: '/no/such/folder' }, 'ENOENT'],
])('%s is an end without a start, in words without the arguments', async (_, command, code) => {
  const worker = startWorker({ cwd: '/', env: {}, ...command }, { env: {}, guard, stdin: true });
  expect(worker.pid).toBeUndefined();
  expect(await text(worker.stdout)).toBe('');
  await worker.exited;
  const end = await worker.ended;
  expect(end).toMatchObject({ by: 'no-start' });
  expect(endInWords(end)).toContain(code);
  expect(endInWords(end)).not.toContain('xxx');
});

test('an end is told with its code or its signal, once all output is read', async () => {
  const run = async (script: string) => {
    const command = { file: '/bin/sh', args: ['-c', script], cwd: '/', env: {} };
    const worker = startWorker(command, { env: {}, guard });
    const [said, end] = await Promise.all([text(worker.stderr), worker.ended]);
    return { said, end };
  };
  expect(await run('echo said >&2; exit 7')).toEqual({ said: 'said\n', end: { by: 'exit', code: 7 } });
  expect(await run('kill -SEGV $$')).toEqual({ said: '', end: { by: 'signal', signal: 'SIGSEGV' } });
});

test('a worker that is stopped ends when it is asked to', async () => {
  const script = "trap 'echo bye; exit 7' TERM; kill -STOP $$; sleep 60";
  const command = { file: '/bin/sh', args: ['-c', script], cwd: '/', env: {} };
  const worker = startWorker(command, { env: {}, guard });
  const pid = worker.pid ?? 0;
  await vi.waitFor(() => expect(readFileSync(`/proc/${pid}/stat`, 'utf8')).toMatch(/\) T /), {
    timeout: 5000,
  });
  signalGroup(pid, 'SIGTERM');
  expect(await text(worker.stdout)).toBe('bye\n');
  expect(await worker.ended).toEqual({ by: 'exit', code: 7 });
});
