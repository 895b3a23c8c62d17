import { execFileSync } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';

export const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

/** The file that the interpreter is, and not a version manager's script that looks for it at every start. */
export function realPython(): string {
  const find = 'import os, sys; print(os.path.realpath(sys.executable))';
  return execFileSync('python3', ['-c', find], { encoding: 'utf8' }).trim();
}

/** The same interpreter without what an installation has added to its start; made below `home` if it isn't there. */
export async function plainPython(home: string): Promise<string> {
  const folder = join(home, 'peers/plain');
  const python = join(folder, 'bin/python3');
  if (!(await isThere(python))) await execa(realPython(), ['-m', 'venv', '--without-pip', '--clear', folder]);
  return python;
}
