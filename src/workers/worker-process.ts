import { Readable, type Writable } from 'node:stream';
import { execa } from 'execa';
import { exitWords } from '../model/exit-words.ts';
import { noFilesForStart } from '../model/open-files.ts';
import type { Refusal } from '../model/refusal.ts';
import type { Command } from '../translators/translator.ts';
import type { Guard } from './guard.ts';
import { mainLine, tellsComplaint } from './last-words.ts';

/** Why a worker is gone. Exit code 0 proves nothing: translators give it after an exception too. */
export type WorkerEnd =
  | { readonly by: 'exit'; readonly code: number }
  | { readonly by: 'signal'; readonly signal: NodeJS.Signals }
  /** It was never there: no such file, no right to execute it, no more files to be opened. */
  | { readonly by: 'no-start'; readonly message: string; readonly refusal?: Refusal }
  /** It stayed after SIGKILL, as a process does that waits for a lost GPU. */
  | { readonly by: 'stuck' };

/** A worker's process and its group, from the spawn to the last line of its output. */
export interface WorkerProcess {
  /** Undefined where the program could not be started. */
  readonly pid: number | undefined;
  readonly stdin: Writable | null;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Settles when the process is reaped: its number may soon be somebody else's. Never rejects. */
  readonly exited: Promise<void>;
  /** Settles when the process is reaped, its group ended and its output read. Never rejects. */
  readonly ended: Promise<WorkerEnd>;
}

/** How long a grandchild that left the group may keep the output pipes open after its parent's end. */
const STRAGGLER_MS = 2000;

/**
 * Starts a worker in a process group of its own, which the guard watches and which is ended with the worker. No shell;
 * `env` is its whole environment, but for what the command sets over it;
 * `stdin` is closed from the start unless it is wanted, so that no translator ever waits for an answer.
 */
export function startWorker(
  command: Command,
  { env, guard, stdin = false }: { env: Readonly<Record<string, string>>; guard: Guard; stdin?: boolean },
): WorkerProcess {
  const noFiles = noFilesForStart();
  if (noFiles) return neverThere(noFiles);
  const child = guard.start((marks) =>
    execa(command.file, [...command.args], {
      cwd: command.cwd,
      env: { ...env, ...command.env, ...marks },
      extendEnv: false,
      stdin: stdin ? 'pipe' : 'ignore',
      stdout: 'pipe',
      stderr: 'pipe',
      buffer: false,
      reject: false,
      detached: true,
      cleanup: false,
      stripFinalNewline: false,
    }),
  );
  const pid = child.pid;
  child.stdin?.on('error', () => {});

  const exited = new Promise<void>((resolve) => {
    // Not every start that fails tells so by an event.
    if (pid === undefined) resolve();
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  void exited.then(() => {
    if (pid === undefined) return;
    signalGroup(pid, 'SIGKILL');
    guard.forget(pid);
    setTimeout(() => {
      child.stdout.destroy();
      child.stderr.destroy();
    }, STRAGGLER_MS).unref();
  });

  const ended = child.then((result): WorkerEnd => {
    if (pid === undefined)
      return { by: 'no-start', message: result.originalMessage ?? 'it could not be started' };
    if (result.signal !== undefined) return { by: 'signal', signal: result.signal as NodeJS.Signals };
    return { by: 'exit', code: result.exitCode ?? child.exitCode ?? 0 };
  });
  return { pid, stdin: child.stdin, stdout: child.stdout, stderr: child.stderr, exited, ended };
}

const neverThere = (refusal: Refusal): WorkerProcess => ({
  pid: undefined,
  stdin: null,
  stdout: Readable.from([]),
  stderr: Readable.from([]),
  exited: Promise.resolve(),
  ended: Promise.resolve({ by: 'no-start', message: refusal.message, refusal }),
});

/** The variables of an environment that have a value. */
export const definedOnly = (env: NodeJS.ProcessEnv): Record<string, string> =>
  Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );

/** Signals a whole process group; one that is gone already is no error. One that is stopped gets SIGTERM too. */
export function signalGroup(group: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-group, signal);
    // Else a stopped process would keep the signal until it goes on, and be killed without it.
    if (signal === 'SIGTERM') process.kill(-group, 'SIGCONT');
  } catch (error) {
    // EPERM: macOS says so of a group whose last member is not reaped yet.
    if (!['ESRCH', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}

/** `exit code 1`, `SIGSEGV`, `SIGSEGV (exit code 139)`: how a worker ended, in words. */
export function endInWords(end: WorkerEnd): string {
  switch (end.by) {
    case 'exit':
      return exitWords(end.code);
    case 'signal':
      return end.signal;
    case 'no-start':
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
