import { commandWords, fillWords } from '../model/command-words.ts';
import type { RunSummary } from './run-summary.ts';

const NAMES = ['exitCode', 'translated', 'failed', 'left', 'output', 'seconds'] as const;

/** Why a text can't be a command of `--on-finish`; undefined where it can. */
export function finishCommandProblem(text: string): string | undefined {
  const words = commandWords(text, NAMES);
  if (!('problem' in words)) return undefined;
  return words.hint === undefined ? words.problem : `${words.problem} (${words.hint})`;
}

/** What a run did, as far as a command of `--on-finish` is told. */
interface FinishedRun extends Pick<RunSummary, 'exitCode' | 'counts' | 'seconds' | 'paths'> {
  /** The output folder of a run that never started. */
  readonly output?: string | undefined;
}

/** The words of a command of `--on-finish`, with what a run did in place of its placeholders. */
export function finishCommand(
  text: string,
  { exitCode, counts, seconds, paths, output = '' }: FinishedRun,
): readonly string[] {
  const words = commandWords(text, NAMES);
  if ('problem' in words) throw new TypeError(words.problem);
  const values: Readonly<Record<(typeof NAMES)[number], string>> = {
    exitCode: String(exitCode ?? ''),
    translated: String(counts.translated),
    failed: String(counts.failed),
    left: String(counts.left),
    output: paths?.output ?? output,
    seconds: String(seconds),
  };
  return fillWords(words, values);
}
