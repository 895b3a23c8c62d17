import { spawnSync } from 'node:child_process';
import { existsSync, openSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

const CLI = path.resolve(import.meta.dirname, '../../bin/mgpu-translate.js');

test.runIf(existsSync('/dev/full'))('a stdout that takes nothing: exit 3 and one line', () => {
  const { status, stderr } = spawnSync(process.execPath, [CLI, 'completion', 'bash'], {
    stdio: ['ignore', openSync('/dev/full', 'w'), 'pipe'],
    encoding: 'utf8',
  });
  expect(stderr).toBe("error: can't write to stdout: no space left\n");
  expect(status).toBe(3);
});

test('a reader that left is no trouble', () => {
  const command = `set -o pipefail; "${process.execPath}" "${CLI}" completion bash | true`;
  const { status, stderr } = spawnSync('bash', ['-c', command], { encoding: 'utf8' });
  expect([status, stderr]).toEqual([0, '']);
});
