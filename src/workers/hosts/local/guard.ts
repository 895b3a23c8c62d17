import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { tooManyOpenFiles } from '../../../model/open-files.ts';
import { cannotRun } from '../../../model/refusal.ts';

/** The variable by which a worker is found that was started and whose number the guard was not told. */
const MARK = 'MGPU_WORKER_OF';

/**
 * Reads `+GROUP` and `-GROUP` lines; when the pipe from the launcher closes, whatever closed it, it kills the groups that
 * are left. Signals that go to every process of a job are not for it. Groups are held as ` 12 34 `, so that the shell's own pattern matching can take one out.
 * Between `?` and the next `+` a worker is being started: a launcher that is killed there leaves one whose number nobody
 * knows, and the mark in its environment is looked for. A child holds the pipe until it is the worker, mark and all.
 */
const SCRIPT = `trap '' HUP INT TERM USR1 USR2 XCPU
groups=' '
starting=
while read -r line; do
  case $line in
    '?') starting=yes ;;
    +*) groups="$groups\${line#+} "
        starting= ;;
    -*) before=\${groups%%" \${line#-} "*}
        [ "$before" = "$groups" ] || groups="$before \${groups#*" \${line#-} "}" ;;
  esac
done
if [ -n "$starting" ]; then
  for file in $(grep -ls "${MARK}=$1" /proc/[0-9]*/environ 2>/dev/null); do
    group=\${file#/proc/}
    groups="$groups\${group%/environ} "
  done
fi
for group in $groups; do kill -KILL "-$group" 2>/dev/null; done`;

/**
 * One small process, in a session of its own, that outlives the launcher by a moment: no process of a worker's group
 * outlives the launcher, whatever killed it.
 */
export class Guard {
  readonly #started: Started;
  readonly #mark = randomUUID();

  constructor() {
    const stdio = ['pipe' as const, 'ignore' as const, 'ignore' as const];
    const args = ['-c', SCRIPT, 'guard', this.#mark];
    this.#started = startProgram('/bin/sh', args, { detached: true, stdio });
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
    throw (
      tooManyOpenFiles(error) ?? cannotRun(`can't start the guard that ends the workers: ${error.message}`)
    );
  }

  /**
   * Starts a worker, in a group of its own, with the variables given: there is no moment in which it is watched by nobody.
   * `spawn` has to start it in the same tick.
   */
  start<T extends { readonly pid?: number | undefined }>(spawn: (marks: Record<string, string>) => T): T {
    this.#tell('?');
    const child = spawn({ [MARK]: this.#mark });
    if (child.pid !== undefined) this.#tell(`+${child.pid}`);
    return child;
  }

  /** The group has ended: its number may soon be somebody else's. */
  forget(group: number): void {
    this.#tell(`-${group}`);
  }

  /** Lets the guard go, which ends groups still watched. */
  close(): void {
    this.#started.child?.stdin?.end();
  }

  #tell(line: string): void {
    this.#started.child?.stdin?.write(`${line}\n`);
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
