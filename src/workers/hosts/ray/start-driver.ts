import { spawn } from 'node:child_process';
import { exitWords } from '../../../model/exit-words.ts';
import { assertFilesForStart, tooManyOpenFiles } from '../../../model/open-files.ts';
import { pythonFile } from '../../../translators/python-files.ts';
import { LineReader } from '../../lines.ts';
import type { DriverPipes } from './driver.ts';

/**
 * Starts the driver in a process group of its own: a Ctrl-C is the launcher's affair. It ends when its input does, so it never
 * outlives the launcher.
 * @throws Refusal (3) where this program may open no more files
 */
export function startDriver(
  python: string,
  {
    env,
    redact,
    assertFiles = assertFilesForStart,
  }: {
    readonly env: NodeJS.ProcessEnv;
    readonly redact: (text: string) => string;
    readonly assertFiles?: () => void;
  },
): DriverPipes {
  assertFiles();
  const child = spawn(python, [pythonFile('ray_driver.py')], {
    cwd: '/',
    env: { ...env, PYTHONUNBUFFERED: '1', PYTHONDONTWRITEBYTECODE: '1' },
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  });
  child.stdin.on('error', () => {});
  let tellError = (_text: string): void => {};
  const ended = new Promise<string>((resolve) => {
    child.once('close', (code, signal) => resolve(signal ?? exitWords(code ?? 0)));
    child.once('error', (error: NodeJS.ErrnoException) => {
      tellError(`Error: ${tooManyOpenFiles(error)?.message ?? error.message}`);
      resolve('it could not be started');
    });
  });
  return {
    write: (text) => void child.stdin.write(text),
    closeInput: () => void child.stdin.end(),
    kill: () => void child.kill('SIGKILL'),
    ended,
    hear: ({ out, err }) => {
      tellError = err;
      const reader = new LineReader(err, { redact });
      child.stdout.on('data', out);
      child.stderr.on('data', (chunk: Buffer) => reader.push(chunk));
      child.stderr.on('end', () => reader.end());
    },
  };
}
