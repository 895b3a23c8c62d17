import { fileTrouble } from '../model/file-trouble.ts';
import { tooManyOpenFiles } from '../model/open-files.ts';
import type { RunOptions } from '../model/run-options.ts';
import type { Surroundings } from './resolve-run.ts';
import { redactorFor } from './run-redactor.ts';

/** Acts, and throws what goes wrong without secrets in it; what a file or disk is the trouble of is a Refusal (3). */
export async function withCleanErrors<T>(
  options: RunOptions,
  { env, cwd }: Surroundings,
  act: () => Promise<T>,
): Promise<T> {
  try {
    return await act();
  } catch (error) {
    const redact = await redactorFor(options, { env, cwd });
    throw tooManyOpenFiles(error) ?? redact.error(fileTrouble(error) ?? error);
  }
}
