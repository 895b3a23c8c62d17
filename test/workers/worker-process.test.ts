import { text } from 'node:stream/consumers';
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { Guard } from '../../src/workers/guard.ts';
import { definedOnly, startWorker } from '../../src/workers/worker-process.ts';

const guard = new Guard();
afterEach(() => vi.unstubAllEnvs());
afterAll(() => guard.close());

test("a worker has the environment it is given, with its command's own over it, and nothing else", async () => {
  vi.stubEnv('MGPU_TEST_LEAK', 'of the launcher');
  const command = { file: '/usr/bin/env', args: [], cwd: '/', env: { B: 'of the command' } };
  const worker = startWorker(command, { env: { A: 'given', B: 'given' }, guard });
  const [shown] = await Promise.all([text(worker.stdout), worker.ended]);
  expect(shown.trim().split('\n').sort()).toEqual(['A=given', 'B=of the command']);
});

test('variables without a value are left out', () => {
  expect(definedOnly({ A: 'a', B: undefined, C: '' })).toEqual({ A: 'a', C: '' });
});
