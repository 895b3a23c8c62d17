import { type ChildProcess, spawn } from 'node:child_process';

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
  readonly #child: ChildProcess;

  constructor() {
    this.#child = spawn('/bin/sh', ['-c', SCRIPT], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
    // A guard that was killed by hand ends no run; its pipe then says EPIPE.
    this.#child.stdin?.on('error', () => {});
    this.#child.on('error', () => {});
    this.#child.unref();
  }

  /** To be called in the same tick as the spawn: there is no moment in which a group is watched by nobody. */
  watch(group: number): void {
    this.#child.stdin?.write(`+${group}\n`);
  }

  /** The group has ended: its number may soon be somebody else's. */
  forget(group: number): void {
    this.#child.stdin?.write(`-${group}\n`);
  }

  /** Lets the guard go, which ends groups still watched. */
  close(): void {
    this.#child.stdin?.end();
  }
}
