import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { processMemory } from '../../../src/workers/hosts/local/process-memory.ts';

test.skipIf(process.platform !== 'linux')('a worker behind a script is counted with it', async () => {
  const code = "const x = Buffer.alloc(60_000_000, 1); process.stdout.write('up'); process.stdin.resume()";
  const child = spawn('sh', ['-c', `${JSON.stringify(process.execPath)} -e "${code}"; true`]);
  onTestFinished(() => {
    child.stdin.end();
  });
  await once(child.stdout, 'data');
  expect((await processMemory(child.pid ?? 0))?.peak).toBeGreaterThan(60_000_000);
});

test.runIf(process.platform === 'linux')(
  'the memory that a process holds is known while it lives',
  async () => {
    const held = await processMemory(process.pid);
    expect(held?.now).toBeGreaterThan(20e6);
    expect(held?.now).toBeLessThan(20e9);
    expect(await processMemory(2 ** 30)).toBeUndefined();
  },
);
