import { type ChildProcess, spawn } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';
import type { RunEvent } from '../../src/model/events.ts';
import { COMPILED } from '../fixtures/compiled.ts';
import { png } from '../fixtures/images.ts';
import { FakeEvents } from './fake-events.ts';

const CLI = path.resolve(import.meta.dirname, '../../bin/mgpu-translate.js');
const FIXTURES = path.resolve(import.meta.dirname, '../fixtures');

/** What a place is made with; the defaults are a folder `input` with a page, two GPUs and the fake as `translate.py`. */
export interface PlaceSetup {
  readonly pages?: readonly string[] | Readonly<Record<string, Buffer>>;
  /** Cards that nvidia-smi lists. */
  readonly gpus?: number;
  /** False: there is no `translate.py`. */
  readonly script?: boolean;
}

/** How the launcher is started. */
export interface StartSetup {
  /** Instead of `run input --json`. */
  readonly argv?: readonly string[];
  /** Behind these. */
  readonly args?: readonly string[];
  /** Words before the launcher's own: a program that starts it. */
  readonly through?: readonly string[];
  /** On top of a bare environment; the fake's knobs are here. */
  readonly env?: Readonly<Record<string, string>>;
  /** Standard input stays open, and nothing comes from it. */
  readonly waitsForInput?: boolean;
  /** Page → fault. */
  readonly plan?: Readonly<Record<string, string | { fault: string; times?: number; seconds?: number }>>;
}

/** A temporary folder with pages, a fake translator and a machine with as many GPUs as are wanted. */
export class Place {
  readonly root: string;
  readonly fakes: FakeEvents;

  private constructor(root: string) {
    this.root = root;
    this.fakes = new FakeEvents(path.join(root, 'socket'));
  }

  /** Made for one test, and removed when it is over. */
  static async make({ pages = ['1.png'], gpus = 2, script = true }: PlaceSetup = {}): Promise<Place> {
    const root = await realpath(await mkdtemp(path.join(tmpdir(), 'mgpu-')));
    const place = new Place(root);
    onTestFinished(async () => {
      place.fakes.close();
      await rm(root, { recursive: true, force: true });
    });
    const listed = Array.from({ length: gpus }, (_, n) => `${n}, GPU-${n}, Fake, 16384, 16000, 0, [N/A]`);
    await place.#tool('nvidia-smi', listed.length > 0 ? `echo '${listed.join('\n')}'` : 'exit 9');
    for (const tool of ['amd-smi', 'rocm-smi']) await place.#tool(tool, 'exit 9');
    await mkdir(path.join(root, 'attempts'));
    if (script)
      await symlink(path.join(FIXTURES, 'compiled/fake_translate.py'), path.join(root, 'translate.py'));
    const contents = Array.isArray(pages)
      ? Object.fromEntries(pages.map((id: string, n) => [id, png(8, 8, n)]))
      : pages;
    for (const [id, content] of Object.entries(contents)) await place.write(`input/${id}`, content);
    return place;
  }

  path(name: string): string {
    return path.join(this.root, name);
  }

  async write(name: string, content: Buffer | string): Promise<void> {
    await mkdir(path.dirname(this.path(name)), { recursive: true });
    await writeFile(this.path(name), content);
  }

  /** The fake under another name: it may stand where its path has spaces. */
  async copyFake(to: string): Promise<void> {
    const path0 = JSON.stringify(FIXTURES);
    await this.write(to, `import sys\nsys.path[0] = ${path0}\nimport fake_translate\n`);
  }

  /** Starts the launcher, which is killed should the test end before it. */
  start(setup: StartSetup = {}): Launcher {
    const { argv = ['run', 'input', '--json'], args = [], through = [], env = {}, plan = {} } = setup;
    const { waitsForInput = false } = setup;
    const [file, ...words] = [...through, process.execPath, CLI, ...argv, ...args] as [string, ...string[]];
    const child = spawn(file, words, {
      cwd: this.root,
      stdio: [waitsForInput ? 'pipe' : 'ignore', 'pipe', 'pipe'],
      env: {
        PATH: `${this.path('bin')}:${process.env.PATH}`,
        HOME: this.root,
        // A report costs each run a thread: tests that look at one turn it on.
        MGPU_HTML: 'off',
        ...COMPILED,
        FAKE_SOCKET: this.path('socket'),
        FAKE_ATTEMPTS_DIR: this.path('attempts'),
        FAKE_PLAN: JSON.stringify(plan),
        ...env,
      },
    });
    onTestFinished(() => {
      child.kill('SIGKILL');
    });
    return new Launcher(child);
  }

  async #tool(name: string, script: string): Promise<void> {
    await this.write(`bin/${name}`, `#!/bin/sh\n${script}\n`);
    await chmod(this.path(`bin/${name}`), 0o755);
  }
}

type EventOf<T extends RunEvent['type']> = Extract<RunEvent, { type: T }>;

/** A launcher at work: what it says, and how it ends. */
export class Launcher {
  readonly pid: number;
  /** Events of `--json`, so far. */
  readonly events: RunEvent[] = [];
  /** Lines on stdout that are no JSON. */
  readonly text: string[] = [];
  stderr = '';
  /** Settles once the process is gone and its output read: exit code, or the signal that ended it. */
  readonly exit: Promise<number | string>;
  readonly #child: ChildProcess;
  #waiting: (() => void)[] = [];
  #over = false;

  constructor(child: ChildProcess) {
    this.#child = child;
    this.pid = child.pid ?? 0;
    child.stderr?.setEncoding('utf8').on('data', (text) => {
      this.stderr += text;
    });
    if (child.stdout) createInterface({ input: child.stdout }).on('line', (line) => this.#line(line));
    this.exit = new Promise((resolve) => {
      child.once('close', (code, signal) => {
        this.#over = true;
        this.#wake();
        resolve(code ?? signal ?? 'gone');
      });
    });
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Reads nothing that it says until `resume`. */
  pause(): void {
    this.#child.stdout?.pause();
    this.#child.stderr?.pause();
  }

  resume(): void {
    this.#child.stdout?.resume();
    this.#child.stderr?.resume();
  }

  /** The first event of a type that meets the condition; rejects where the run ends without one. */
  async event<T extends RunEvent['type']>(
    type: T,
    meets: (event: EventOf<T>) => boolean = () => true,
  ): Promise<EventOf<T>> {
    for (;;) {
      const found = this.of(type).find(meets);
      if (found) return found;
      if (this.#over) throw new Error(`the run ended without this ${type}\n${this.stderr}`);
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** The events of a type so far. */
  of<T extends RunEvent['type']>(type: T): EventOf<T>[] {
    return this.events.filter((event): event is EventOf<T> => event.type === type);
  }

  /** The most memory that the launcher has had so far, in bytes. Linux only. */
  async peakBytes(): Promise<number> {
    const status = await readFile(`/proc/${this.pid}/status`, 'utf8');
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
  }

  #line(line: string): void {
    try {
      this.events.push(JSON.parse(line));
    } catch {
      this.text.push(line);
    }
    this.#wake();
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }
}
