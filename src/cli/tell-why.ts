import { fstatSync } from 'node:fs';
import { cannotRun } from '../model/refusal.ts';
import type { Paint } from '../report/colours.ts';
import type { RunSummary } from '../report/run-summary.ts';
import { wordError } from './word-refusal.ts';

/** Why a run could not go on and what to do, as stderr says it of one that can't start; empty where it went on. */
export function whyItEnded({ message, hint }: Pick<RunSummary, 'message' | 'hint'>, paint: Paint): string {
  if (message === undefined) return '';
  const isHintLast = hint !== undefined && message.endsWith(`\n${hint}`);
  const [reason = '', ...details] = (isHintLast ? message.slice(0, -hint.length - 1) : message).split('\n');
  const refusal = cannotRun(
    reason,
    hint,
    details.map((line) => line.replace(/^ {2}\| /, '')),
  );
  return wordError(refusal, { paint, debug: false }).text;
}

/** True where stdout and stderr go to one terminal, file or pipe: what one says need not be said on the other. */
export function areOnePlace(): boolean {
  try {
    const [out, err] = [fstatSync(1), fstatSync(2)];
    return out.dev === err.dev && out.ino === err.ino;
  } catch {
    return false;
  }
}
