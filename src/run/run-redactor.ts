import path from 'node:path';
import { type Redactor, redactor } from '../model/redact.ts';
import type { RunOptions } from '../model/run-options.ts';
import { dotenvSecrets } from '../translators/dotenv.ts';

/** What the redactor of a run is made for. */
interface RedactedRun {
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  /** Where the translator's own files are, where they are known already. */
  readonly programFolders?: readonly string[] | undefined;
}

/**
 * The redactor of a run: it also knows the secrets among its translator's arguments, `--command` and `--on-finish` included, and in the `.env`
 * of the current folder and of the translator's.
 */
export async function redactorFor(
  {
    translatorArgs,
    command,
    onFinish,
    translator,
  }: Pick<RunOptions, 'translatorArgs' | 'command' | 'onFinish' | 'translator'>,
  { env, cwd, programFolders = [] }: RedactedRun,
): Promise<Redactor> {
  const named = translator === undefined ? [] : [path.resolve(cwd, translator.replace(/^worker:/, ''))];
  return redactor(env, {
    args: translatorArgs,
    templates: [command, onFinish].filter((text) => text !== undefined),
    values: await dotenvSecrets([cwd, ...programFolders, ...named]),
  });
}
