import { type ChildProcess, spawn } from 'node:child_process';
import { readdir, readFile, readlink, stat } from 'node:fs/promises';
import path from 'node:path';
import { expect, onTestFinished, vi } from 'vitest';
import type { LedgerLine } from '../../src/store/ledger/ledger-line.ts';
import { COMPILED } from '../fixtures/compiled.ts';
import type { Launcher, Place } from './rig.ts';

const CLI = path.resolve(import.meta.dirname, '../../bin/mgpu-translate.js');
const TERMINAL = path.resolve(import.meta.dirname, 'terminal.py');
const PATIENCE_MS = 20_000;

/** Settles once the condition holds; fails with what it last threw after 20 s. */
export const eventually = <T>(condition: () => T | Promise<T>): Promise<T> =>
  vi.waitFor(condition, { timeout: PATIENCE_MS, interval: 10 });

/** Settles once the run has said that it drains. */
export const stopping = (launcher: Launcher) =>
  eventually(() =>
    expect(launcher.of('notice')).toContainEqual(
      expect.objectContaining({ text: expect.stringMatching(/\bStopping after the pages in progress\./) }),
    ),
  );

/** A second Ctrl-C: given again until it shows, as soon after the first it would count as that one's echo. */
export const insist = ({ send, shows }: { send: () => void; shows: () => boolean }): Promise<void> =>
  vi.waitFor(
    () => {
      if (shows()) return;
      send();
      throw new Error('the second Ctrl-C does not show');
    },
    { timeout: PATIENCE_MS, interval: 300 },
  );

/** A second signal, which kills the workers. */
export const interruptAgain = (launcher: Launcher, signal: NodeJS.Signals = 'SIGINT'): Promise<void> =>
  insist({
    send: () => launcher.kill(signal),
    shows: () => launcher.of('worker-exited').some(({ signal }) => signal === 'SIGKILL'),
  });

/** Settles once there is no such process; a zombie counts as gone. */
export const gone = (pid: number): Promise<void> =>
  eventually(async () => {
    const state = await stateOf(pid);
    if (state !== undefined && state !== 'Z') throw new Error(`process ${pid} is still there (${state})`);
  });

/** The process that started this one. */
export async function parentOf(pid: number): Promise<number> {
  const parent = Number((await statOf(pid))?.[1]);
  if (!(parent > 0)) throw new Error(`process ${pid} is gone`);
  return parent;
}

/** Processes whose parent is this one. */
export async function childrenOf(parent: number): Promise<number[]> {
  const pids = (await readdir('/proc')).map(Number).filter((pid) => pid > 0);
  const parents = await Promise.all(pids.map(async (pid) => Number((await statOf(pid))?.[1])));
  return pids.filter((_, at) => parents[at] === parent);
}

/** Ends what a failed test left running in its folder. */
async function killAllIn(folder: string): Promise<void> {
  for (const pid of (await readdir('/proc')).map(Number).filter((name) => name > 0)) {
    const cwd = await readlink(`/proc/${pid}/cwd`).catch(() => undefined);
    if (cwd === folder) process.kill(pid, 'SIGKILL');
  }
}

const stateOf = async (pid: number): Promise<string | undefined> => (await statOf(pid))?.[0];

/** State, parent and what follows in /proc/PID/stat. */
async function statOf(pid: number): Promise<string[] | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  return text?.slice(text.lastIndexOf(')') + 2).split(' ');
}

/** Files and folders below a place as they stand, with sizes and times: for telling that nothing was left behind. */
export async function snapshot(root: string): Promise<string[]> {
  const names = (await readdir(root, { recursive: true })).sort();
  return Promise.all(
    names.map(async (name) => {
      const { size, mtimeMs } = await stat(path.join(root, name));
      return `${name} ${size} ${mtimeMs}`;
    }),
  );
}

/** The pages of a ledger, each with its last line. */
export async function ledgerOf(place: Place, output = 'input-translated'): Promise<Map<string, LedgerLine>> {
  const text = await readFile(place.path(`${output}/.mgpu/ledger.ndjson`), 'utf8');
  const lines: (LedgerLine | { type: 'options' })[] = text
    .split('\n')
    .filter((line) => line.startsWith('{') && line.endsWith('}'))
    .map((line) => JSON.parse(line));
  return new Map(
    lines.flatMap((line) => (line.type === 'page-finished' ? [[line.page, line] as const] : [])),
  );
}

/** How a command in a terminal is started. */
export interface TerminalSetup {
  /** Words of the command; `CLI` stands for the launcher. */
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** The launcher's command line. */
export const CLI_WORDS = [process.execPath, CLI] as const;

/** A command in a terminal of its own. */
export class Terminal {
  /** All that was written to it. */
  screen = '';
  readonly exit: Promise<number | string>;
  readonly #child: ChildProcess;

  constructor(place: Place, { command, env = {} }: TerminalSetup) {
    const child = spawn('python3', [TERMINAL, ...command], {
      cwd: place.root,
      stdio: ['pipe', 'pipe', 'inherit'],
      env: {
        PATH: `${place.path('bin')}:${process.env.PATH}`,
        HOME: place.root,
        ...COMPILED,
        TERM: 'xterm-256color',
        LANG: 'C.UTF-8',
        FAKE_SOCKET: place.path('socket'),
        FAKE_ATTEMPTS_DIR: place.path('attempts'),
        ...env,
      },
    });
    this.#child = child;
    child.stdin?.on('error', () => {});
    child.stdout?.setEncoding('utf8').on('data', (text) => {
      this.screen += text;
    });
    this.exit = new Promise((resolve) =>
      child.once('close', (code, signal) => resolve(code ?? signal ?? '')),
    );
    onTestFinished(async () => {
      child.kill('SIGKILL');
      await killAllIn(place.root);
    });
  }

  type(text: string): void {
    this.#child.stdin?.write(text);
  }

  hangUp(): void {
    this.#child.stdin?.end();
  }

  shows(text: string): Promise<void> {
    return eventually(() => {
      if (!this.screen.includes(text))
        throw new Error(`the terminal does not show ${text}: …${this.screen.slice(-600)}`);
    });
  }
}
