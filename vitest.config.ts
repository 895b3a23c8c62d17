import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { defineConfig } from 'vitest/config';

/**
 * PATH with a Python of the tests' own in front, which finds the standard library alone. `python3` may be a version manager's
 * shim, and what is installed on a machine may hook into each start of it: tens of milliseconds of processor time each, and the
 * tests start thousands.
 */
function pathToPython(): string {
  const print = 'import sys; print(getattr(sys, "_base_executable", None) or sys.executable)';
  const python = execFileSync('python3', ['-c', print], { encoding: 'utf8' }).trim();
  const root = mkdtempSync(path.join(tmpdir(), 'mgpu-python-'));
  process.once('exit', () => rmSync(root, { recursive: true }));
  // What makes a folder a virtual environment, to which no packages belong.
  writeFileSync(
    path.join(root, 'pyvenv.cfg'),
    `home = ${path.dirname(python)}\ninclude-system-site-packages = false\n`,
  );
  mkdirSync(path.join(root, 'bin'));
  for (const name of ['python', 'python3']) symlinkSync(python, path.join(root, 'bin', name));
  return `${path.join(root, 'bin')}:${process.env.PATH}`;
}

export default defineConfig({
  test: {
    env: { PATH: pathToPython() },
    // Tests start processes of their own, and wait for them: two files a core of a small machine keep it busy, more would measure it.
    maxWorkers: 4,
    // Files share processes: to start one for each, and import everything anew, takes as long as all the unit tests.
    isolate: false,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/e2e/**', 'test/ray/**'],
          testTimeout: 20_000,
        },
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
      {
        // A real cluster: skipped without MGPU_TEST_RAY_PYTHON.
        extends: true,
        test: {
          name: 'ray',
          include: ['test/ray/**/*.test.ts'],
          globalSetup: 'test/fixtures/built.ts',
          testTimeout: 120_000,
          // The first start of a node may take a minute, and fail.
          hookTimeout: 240_000,
        },
      },
    ],
  },
});
