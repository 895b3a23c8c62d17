import { cannotRun, type Refusal, usageError } from '../model/refusal.ts';
import { windowsHint } from '../model/windows-path.ts';

/** How a translator is chosen. */
export const WAYS =
  'choose one: --translator path/to/translate.py (or a manga-image-translator checkout), --command "PROGRAM {input} {output}", or --translator demo to try it';

/** The refusal of a translator that is not there: a slip of the keys is wrong usage. */
export async function notThere(given: string, why: string, cwd: string): Promise<Refusal> {
  const windows = windowsHint(given.replace(/^worker:/, ''));
  if (windows !== undefined) return cannotRun(`--translator ${given}: ${why}`, windows);
  const { meantTranslator } = await import('./meant-translator.ts');
  const meant = await meantTranslator(given, cwd);
  return meant === undefined
    ? cannotRun(`--translator ${given}: ${why}`, WAYS)
    : usageError(`--translator ${given}: ${why}; did you mean ${meant}?`, WAYS);
}
