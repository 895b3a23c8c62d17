import { exitWords } from '../model/exit-words.ts';
import type { Refusal } from '../model/refusal.ts';
import { mainLine, tellsComplaint } from './last-words.ts';

/** Why a worker is gone. Exit code 0 proves nothing: translators give it after an exception too. */
export type WorkerEnd =
  | { readonly by: 'exit'; readonly code: number }
  | { readonly by: 'signal'; readonly signal: NodeJS.Signals }
  /** It was never there: no such file, no right to execute it, no more files to be opened. */
  | { readonly by: 'no-start'; readonly message: string; readonly refusal?: Refusal }
  /** Whatever held its place is gone, and it with that. `isBlameless`: its page had no part in it. */
  | { readonly by: 'gone'; readonly message: string; readonly isBlameless: boolean }
  /** It stayed after SIGKILL, as a process does that waits for a lost GPU. */
  | { readonly by: 'stuck' };

/** `exit code 1`, `SIGSEGV`, `SIGSEGV (exit code 139)`: how a worker ended, in words. */
export function endInWords(end: WorkerEnd): string {
  switch (end.by) {
    case 'exit':
      return exitWords(end.code);
    case 'signal':
      return end.signal;
    case 'no-start':
    case 'gone':
      return end.message;
    case 'stuck':
      return 'it is still running after SIGKILL';
  }
}

/** What a program does to itself. */
const OWN_FAULT = /^SIG(?:SEGV|ABRT|BUS|ILL|FPE|TRAP|SYS)\b/;

/** `crashed with SIGSEGV; last output: loading`: how a worker ended that was not told to, and what it said of that. */
export function lossInWords(end: WorkerEnd, lines: readonly string[]): string {
  const how = endInWords(end);
  const ending = OWN_FAULT.test(how)
    ? `crashed with ${how}`
    : how.startsWith('SIG')
      ? `ended by ${how}`
      : how;
  const words = mainLine(lines);
  if (words === '') return ending;
  return tellsComplaint(lines) ? `${ending}: ${words}` : `${ending}; last output: ${words}`;
}

/** An end as events have it: a code or a signal, neither where nobody saw it end. */
export function exitOf(end: WorkerEnd): { exitCode: number | null; signal: string | null } {
  return { exitCode: end.by === 'exit' ? end.code : null, signal: end.by === 'signal' ? end.signal : null };
}
