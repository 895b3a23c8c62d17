import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { RunEvent } from '../../src/model/events.ts';
import type { Moment } from './moment.ts';

type EventOf<T extends RunEvent['type']> = Extract<RunEvent, { type: T }>;

/** How a launcher ended. */
export type LauncherEnd = { readonly code: number } | { readonly signal: NodeJS.Signals };

/** How it is started. */
interface LauncherSetup {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** A call may be its last. */
  readonly mayBeKilled: boolean;
  /** Some calls may fail. */
  readonly isRefusedCalls: boolean;
  /** Its half of the pages, where it has one. */
  readonly part: number | undefined;
}

/** The built program at work: what it says, and how it ends. */
export class Launcher {
  readonly pid: number;
  readonly startedMs = Date.now();
  /** Events of `--json`, so far. */
  readonly events: RunEvent[] = [];
  /** All that it wrote. */
  stdout = '';
  stderr = '';
  endedMs: number | undefined;
  end: LauncherEnd | undefined;
  /** Settles once the process is gone and its output read. */
  readonly ended: Promise<LauncherEnd>;
  /** Signals that it was sent. */
  readonly signals = new Set<NodeJS.Signals>();
  readonly #child: ChildProcess;
  readonly #counts = new Map<string, number>();
  #waiting: (() => void)[] = [];

  readonly setup: LauncherSetup;

  constructor(command: readonly string[], setup: LauncherSetup) {
    this.setup = setup;
    const { cwd, env } = setup;
    const [file = '', ...args] = command;
    const child = spawn(file, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    this.pid = child.pid ?? 0;
    child.stderr.setEncoding('utf8').on('data', (text) => {
      this.stderr += text;
    });
    createInterface({ input: child.stdout }).on('line', (line) => this.#line(line));
    this.ended = new Promise((resolve) => {
      child.once('close', (code, signal) => {
        this.endedMs = Date.now();
        this.end = code === null ? { signal: signal ?? 'SIGKILL' } : { code };
        resolve(this.end);
        this.#wake();
      });
    });
  }

  get isOver(): boolean {
    return this.end !== undefined;
  }

  /** Returns false where it is gone already. */
  kill(signal: NodeJS.Signals): boolean {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return false;
    this.signals.add(signal);
    return this.#child.kill(signal);
  }

  /** The events of a type so far. */
  of<T extends RunEvent['type']>(type: T): EventOf<T>[] {
    return this.events.filter((event): event is EventOf<T> => event.type === type);
  }

  /** Workers that were started and have not ended, as far as it has told. */
  get workers(): { readonly slot: string; readonly pid: number }[] {
    const alive = new Map<string, number>();
    for (const event of this.events) {
      if (event.type === 'worker-started') alive.set(event.slot, event.pid);
      if (event.type === 'worker-exited') alive.delete(event.slot);
    }
    return [...alive].map(([slot, pid]) => ({ slot, pid }));
  }

  /** Settles at the moment, or with false where the run ended before. */
  async comes({ after, count, ms }: Moment): Promise<boolean> {
    while (after !== 'spawn' && (this.#counts.get(after) ?? 0) < count) {
      if (this.isOver) return false;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    const timer = new Promise<'time'>((resolve) => setTimeout(() => resolve('time'), ms));
    return (await Promise.race([timer, this.ended])) === 'time';
  }

  #line(line: string): void {
    this.stdout += `${line}\n`;
    try {
      const event: RunEvent = JSON.parse(line);
      this.events.push(event);
      this.#counts.set(event.type, (this.#counts.get(event.type) ?? 0) + 1);
    } catch {
      // What is no event is looked at in `stdout`.
    }
    this.#wake();
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }
}
