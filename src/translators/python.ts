import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import path from 'node:path';
import { cannotRun } from '../refusal.ts';

/** An interpreter, and why it is this one. */
export interface Python {
  readonly file: string;
  readonly because: '--python' | '$VIRTUAL_ENV' | 'PATH';
}

/** Absolute path of a program on PATH, as a shell would find it; undefined where there is none. */
export async function findProgram(
  name: string,
  env: NodeJS.ProcessEnv,
  cwd: string,
): Promise<string | undefined> {
  const folders = name.includes('/') ? [''] : (env.PATH ?? '').split(path.delimiter);
  for (const folder of folders) {
    const file = path.resolve(cwd, folder, name);
    const runs = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (runs) return file;
  }
  return undefined;
}

/**
 * The interpreter that runs translators: `--python`, `$VIRTUAL_ENV`, `python3`, `python`.
 * @throws Refusal (exit 3) where there is none
 */
export async function findPython(
  wanted: string | undefined,
  { env, cwd }: { env: NodeJS.ProcessEnv; cwd: string },
): Promise<Python> {
  if (wanted !== undefined) {
    const file = await findProgram(wanted, env, cwd);
    if (file === undefined)
      throw cannotRun(
        `--python ${wanted}: there is no such program`,
        'give the path of a Python 3 interpreter',
      );
    return { file, because: '--python' };
  }
  if (env.VIRTUAL_ENV) {
    const file = await findProgram(path.join(env.VIRTUAL_ENV, 'bin', 'python'), env, cwd);
    if (file !== undefined) return { file, because: '$VIRTUAL_ENV' };
  }
  for (const name of ['python3', 'python']) {
    const file = await findProgram(name, env, cwd);
    if (file !== undefined) return { file, because: 'PATH' };
  }
  throw cannotRun(
    'no Python was found: neither python3 nor python is on PATH',
    'install Python 3, or name one: --python /path/to/python',
  );
}
