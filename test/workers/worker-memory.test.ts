import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { peakBytes, WorkerMemory } from '../../src/workers/worker-memory.ts';

test('as long as nobody has loaded nothing is known to be short', () => {
  expect(new WorkerMemory(() => 0).isShortFor(2)).toBe(false);
});

test.each([
  [21, false],
  [22, false],
  [21.9, true],
])('peaks of 10 for two that load, %d free', (free, isShort) => {
  const memory = new WorkerMemory(() => (free === 21 ? undefined : free));
  for (const peak of [4, 10, 7, undefined]) memory.note(peak);
  expect(memory.isShortFor(2)).toBe(isShort);
});

test.skipIf(process.platform !== 'linux')('a worker behind a script is counted with it', async () => {
  const code = "const x = Buffer.alloc(60_000_000, 1); process.stdout.write('up'); process.stdin.resume()";
  const child = spawn('sh', ['-c', `${JSON.stringify(process.execPath)} -e "${code}"; true`]);
  onTestFinished(() => {
    child.stdin.end();
  });
  await once(child.stdout, 'data');
  expect(await peakBytes(child.pid ?? 0)).toBeGreaterThan(60_000_000);
  expect(await peakBytes(999_999_999)).toBeUndefined();
});
