import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { tooManyOpenFiles } from '../model/open-files.ts';
import { cannotRun } from '../model/refusal.ts';

/**
 * Reads `+GROUP` and `-GROUP` lines; when the pipe from the launcher closes, whatever closed it, it kills the groups that
 * are left. Signals that go to every process of a job are not for it. Groups are held as ` 12 34 `, so that the shell's own pattern matching can take one out.
 */
const SCRIPT = `trap '' HUP INT TERM USR1 USR2 XCPU
groups=' '
while read -r line; do
  case $line in
    +*) groups="$groups\${line#+} " ;;
    -*) before=\${groups%%" \${line#-} "*}
        [ "$before" = "$groups" ] || groups="$before \${groups#*" \${line#-} "}" ;;
  esac
done
for group in $groups; do kill -KILL "-$group" 2>/dev/null; done`;

/**
 * One small process, in a session of its own, that outlives the launcher by a moment: no process of a worker's group
 * outlives the launcher, whatever killed it.
 */
export class Guard {
  readonly #started: Started;

  constructor() {
    const stdio = ['pipe' as const, 'ignore' as const, 'ignore' as const];
    this.#started = startProgram('/bin/sh', ['-c', SCRIPT], { detached: true, stdio });
    const { child } = this.#started;
    // A guard that was killed by hand ends no run; its pipe then says EPIPE.
    child?.stdin?.on('error', () => {});
    child?.on('error', () => {});
    child?.unref();
  }

  /** @throws Refusal (3) where it could not be started: nobody would end the workers of a launcher that was killed */
  async assertStarted(): Promise<void> {
    if (this.#started.child) return;
    const error = await this.#started.failure;
    throw tooManyOpenFiles(error) ?? cannotRun(`the guard of the workers can't be started: ${error.message}`);
  }

  /** To be called in the same tick as the spawn: there is no moment in which a group is watched by nobody. */
  watch(group: number): void {
    this.#started.child?.stdin?.write(`+${group}\n`);
  }

  /** The group has ended: its number may soon be somebody else's. */
  forget(group: number): void {
    this.#started.child?.stdin?.write(`-${group}\n`);
  }

  /** Lets the guard go, which ends groups still watched. */
  close(): void {
    this.#started.child?.stdin?.end();
  }
}

/** A program that was started, or why it was not. */
type Started =
  | { readonly child: ChildProcess }
  | { readonly child?: undefined; readonly failure: Promise<NodeJS.ErrnoException> };

/**
 * Starts a program without a shell. However it fails to start (no such file, arguments that are too long, no room for its
 * pipes), that is one answer: never an exception, and no event that nobody hears.
 */
function startProgram(file: string, args: readonly string[], options: SpawnOptions): Started {
  try {
    const child = spawn(file, [...args], options);
    if (child.pid !== undefined) return { child };
    return { failure: once(child, 'error').then(([error]) => error) };
  } catch (error) {
    return { failure: Promise.resolve(error as NodeJS.ErrnoException) };
  }
}
