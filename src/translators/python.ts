import path from 'node:path';
import { absoluteFolders, findProgram } from '../model/find-program.ts';
import { cannotRun } from '../model/refusal.ts';

/** An interpreter, and why it is this one. */
export interface Python {
  readonly file: string;
  readonly because: '--python' | '$VIRTUAL_ENV' | 'PATH';
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
      throw cannotRun(`--python ${wanted}: no such program`, 'give the path of a Python 3 interpreter');
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
    'install Python 3, or choose one: --python /path/to/python',
  );
}

/**
 * Arguments and environment for a few lines of Python that import nothing from the current folder, although `-c` puts that
 * first: a `torch.py` which lies about there would be run. What `-I` leaves out as well, the user's own packages and
 * PYTHONPATH, counts, because the translator will see it too.
 */
export const pythonLines = (
  lines: string,
  env: NodeJS.ProcessEnv,
): { readonly args: readonly string[]; readonly env: NodeJS.ProcessEnv } => {
  const { PYTHONPATH: given = '', ...rest } = env;
  const folders = absoluteFolders(given);
  return {
    // `sys` is built in: no file can take its place.
    args: ['-c', `import sys\nif sys.path[:1] == [""]:\n    del sys.path[0]\n${lines}`],
    env: folders.length === 0 ? rest : { ...rest, PYTHONPATH: folders.join(path.delimiter) },
  };
};
