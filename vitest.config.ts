import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { defineConfig } from 'vitest/config';

/**
 * PATH with the folder of the real interpreter in front: `python3` may be a version manager's shim, which takes a tenth of a
 * second of processor time at each start, and the tests start thousands.
 */
function pathToPython(): string {
  const python = execFileSync('python3', ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' });
  return `${path.dirname(python.trim())}:${process.env.PATH}`;
}

export default defineConfig({
  test: {
    env: { PATH: pathToPython() },
    // Tests start processes of their own, and wait for them: more files at once would measure the machine.
    maxWorkers: 3,
    projects: [
      {
        extends: true,
        test: { name: 'unit', include: ['test/**/*.test.ts'], exclude: ['test/e2e/**'], testTimeout: 20_000 },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          globalSetup: 'test/fixtures/built.ts',
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
