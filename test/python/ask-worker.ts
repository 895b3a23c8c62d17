import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { pythonFile } from '../../src/translators/python-files.ts';
import { parseWorkerLine, type WorkerLine } from '../../src/workers/protocol.ts';

export const PYTHON = process.env.MGPU_TEST_PYTHON ?? 'python3';
/** What the launcher sets for every worker. */
export const BY_LAUNCHER = { MGPU_SLOT: 'gpu0-0' };

/** The library's source. */
export const pythonLibrary = (): string => readFileSync(pythonFile('mgpu_worker.py'), 'utf8');

/** The environment in which Python finds the library. */
export const libraryEnv = (...folders: string[]): NodeJS.ProcessEnv => ({
  PATH: process.env.PATH,
  PYTHONDONTWRITEBYTECODE: '1',
  PYTHONPATH: [dirname(pythonFile('mgpu_worker.py')), ...folders].join(':'),
});

export interface Conversation {
  /** What the launcher made of each line of its stdout. */
  readonly said: readonly WorkerLine[];
  readonly stderr: string;
  readonly status: number | null;
}

/** Starts a worker as the launcher does, hands it these pages, and closes its stdin. */
export function askWorker(
  command: readonly string[],
  pages: readonly object[],
  { env, cwd }: { env: NodeJS.ProcessEnv; cwd: string },
): Conversation {
  const [file = '', ...args] = command;
  const input = pages.map((page) => `${JSON.stringify({ type: 'page', group: '', ...page })}\n`).join('');
  const { stdout, stderr, status } = spawnSync(file, args, {
    input,
    env,
    cwd,
    encoding: 'utf8',
    timeout: 15_000,
  });
  const said = stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => parseWorkerLine(line));
  return { said, stderr, status };
}
