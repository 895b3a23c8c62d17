import type { RunOptions } from '../model/run-options.ts';
import type { Translator } from '../translators/translator.ts';

/** What costs are kept under: the program with its options, how it is started, and how many share a device. */
export const costsKey = (
  {
    optionsHash,
    translator,
  }: { readonly optionsHash: string; readonly translator: Pick<Translator, 'kind'> },
  { workersPerGpu }: Pick<RunOptions, 'workersPerGpu'>,
): string => `${optionsHash} ${translator.kind} ${workersPerGpu}`;
