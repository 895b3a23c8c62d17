import { usageError } from '../model/refusal.ts';
import type { Translator } from './translator.ts';

/** @throws Refusal (2) for a work folder whose path the translator takes for something else */
export function assertFit(translator: Translator, work: string): void {
  const { unfit } = translator.kind === 'one-shot' ? translator : {};
  const found = unfit?.pattern.exec(work)?.[0];
  if (unfit === undefined || found === undefined) return;
  throw usageError(
    `${translator.name} can't work in ${work}: ${unfit.why} (${found})`,
    'choose a folder for work in progress: --work /path/without/it',
  );
}
