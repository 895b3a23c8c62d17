import { readFileSync } from 'node:fs';
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { definedOnly } from '../../../src/model/defined-only.ts';
import type { Command } from '../../../src/translators/translator.ts';
import type { WorkerChannel } from '../../../src/workers/hosts/host.ts';
import { Guard } from '../../../src/workers/hosts/local/guard.ts';
import { startLocally } from '../../../src/workers/hosts/local/local-channel.ts';
import { endInWords } from '../../../src/workers/worker-end.ts';

const guard = new Guard();
afterEach(() => vi.unstubAllEnvs());
afterAll(() => guard.close());

const startWorker = (command: Command, env: Record<string, string> = {}, takesLines = false): WorkerChannel =>
  startLocally({ command, env, takesLines }, guard);

/** All that a worker says on one of its pipes. */
const text = (worker: WorkerChannel, pipe: 'stdout' | 'stderr' = 'stdout'): Promise<string> =>
  new Promise((resolve) => {
    let said = '';
    worker.hear({
      said: (on, bytes) => {
        if (on === pipe) said += bytes.toString();
      },
      closed: (on) => {
        if (on === pipe) resolve(said);
      },
    });
  });

test("a worker has the environment it is given, with its command's own over it, and nothing else", async () => {
  vi.stubEnv('MGPU_TEST_LEAK', 'of the launcher');
  const command = { file: '/usr/bin/env', args: [], cwd: '/', env: { B: 'of the command' } };
  const worker = startWorker(command, { A: 'given', B: 'given' });
  const [shown] = await Promise.all([text(worker), worker.ended]);
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
  const worker = startWorker({ cwd: '/', env: {}, ...command }, {}, true);
  expect(worker.id).toBeUndefined();
  worker.send('nobody reads it\n');
  worker.signal('SIGKILL');
  expect(await text(worker)).toBe('');
  await Promise.all([worker.started, worker.exited]);
  const end = await worker.ended;
  expect(end).toMatchObject({ by: 'no-start' });
  expect(endInWords(end)).toContain(code);
  expect(endInWords(end)).not.toContain('xxx');
});

test('an end is told with its code or its signal, once all output is read', async () => {
  const run = async (script: string) => {
    const command = { file: '/bin/sh', args: ['-c', script], cwd: '/', env: {} };
    const worker = startWorker(command);
    const [said, end] = await Promise.all([text(worker, 'stderr'), worker.ended]);
    return { said, end };
  };
  expect(await run('echo said >&2; exit 7')).toEqual({ said: 'said\n', end: { by: 'exit', code: 7 } });
  expect(await run('kill -SEGV $$')).toEqual({ said: '', end: { by: 'signal', signal: 'SIGSEGV' } });
});

test('a worker that is stopped ends when it is asked to', async () => {
  const script = "trap 'echo bye; exit 7' TERM; kill -STOP $$; sleep 60";
  const command = { file: '/bin/sh', args: ['-c', script], cwd: '/', env: {} };
  const worker = startWorker(command);
  const pid = worker.id ?? 0;
  await vi.waitFor(() => expect(readFileSync(`/proc/${pid}/stat`, 'utf8')).toMatch(/\) T /), {
    timeout: 5000,
  });
  worker.signal('SIGTERM');
  expect(await text(worker)).toBe('bye\n');
  expect(await worker.ended).toEqual({ by: 'exit', code: 7 });
});
