import path from 'node:path';
import * as z from 'zod';
import type { RunTool } from '../devices/run-tool.ts';
import { pythonLines } from '../translators/python.ts';
import { pythonFile } from '../translators/python-files.ts';

const LIMIT_MS = 20_000;

const looked = z.object({
  /** Why it can't be read or compiled. */
  error: z.string().nullable(),
  /** It is certain to do no more than to end at `--help`. */
  help: z.boolean(),
  /** A module that it imports in any case and that is not there. */
  missing: z.string().nullable(),
});

/** What a Python script shows without being run. */
export type ScriptLook = z.infer<typeof looked>;

/**
 * Lets `python` compile a script and look at its source; no line of it is run, and no file written. Undefined where nothing
 * came back: the interpreter is too old, or none.
 */
export async function lookAtScript(
  { python, script, cwd }: { readonly python: string; readonly script: string; readonly cwd: string },
  { env, call }: { readonly env: NodeJS.ProcessEnv; readonly call: RunTool },
): Promise<ScriptLook | undefined> {
  // Relative ones count only once our own imports are done: what lies there may have the name of a standard module.
  const others = (env.PYTHONPATH ?? '').split(path.delimiter).filter((one) => one && !path.isAbsolute(one));
  const end = await call({
    command: python,
    args: ['-B', '-W', 'ignore', pythonFile('look_at_script.py'), path.resolve(cwd, script), ...others],
    env: pythonLines('', env).env,
    timeoutMs: LIMIT_MS,
    cwd,
  });
  if (end.by !== 'exit' || end.code !== 0) return undefined;
  try {
    return looked.parse(JSON.parse(end.stdout.trim().split('\n').at(-1) ?? ''));
  } catch {
    return undefined;
  }
}
