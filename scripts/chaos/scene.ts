import { writeFileSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Launcher } from './launcher.ts';
import type { Machine } from './machine.ts';
import { PageBook } from './page-book.ts';
import type { Setting } from './setting.ts';

const NONE_REFUSED = { kinds: [], lastMs: 0 } as const;

/** Everything of one story that is on disk or alive, and what faults do things to. */
export class Scene {
  readonly root: string;
  readonly setting: Setting;
  readonly machine: Machine;
  readonly book: PageBook;
  readonly output: string;
  readonly work: string | undefined;
  /** Every launcher that was started, oldest first. */
  readonly launchers: Launcher[] = [];
  /** Those of the round that is going on: one, or one for each part; then others that came in between. */
  current: Launcher[] = [];
  /** Names of faults that workers took and that are counted. */
  readonly counted = new Set<string>();
  /** Faults that were injected, a name for each time. */
  readonly injected: { readonly kind: string; readonly atMs: number }[] = [];
  /** In this round a guard was killed: nobody is left to end the workers of a launcher that is killed, too. */
  guardIsGone = false;
  launcherIsKilled = false;
  /** Calls that launchers of this round are refused. */
  rules: { readonly kind: string; readonly rule: string }[] = [];
  readonly #steps: string[] = [];
  readonly #beganMs = Date.now();
  #undo: (() => Promise<void> | void)[] = [];
  #tokens = 0;
  #round = 0;

  constructor(root: string, setting: Setting, machine: Machine, disk: string | undefined) {
    this.root = root;
    this.setting = setting;
    this.machine = machine;
    this.book = new PageBook(join(root, 'input'));
    this.output = join(disk ?? root, 'output');
    this.work = setting.workApart ? join(machine.otherDisk, `work-${root.split('/').at(-1)}`) : undefined;
    this.disk = disk;
  }

  /** The small disk that the output is on, where it is. */
  readonly disk: string | undefined;

  /** Makes the folders and the pages. */
  async prepare(): Promise<void> {
    for (const folder of ['input', 'home', 'tmp', 'stage/waiting', 'stage/taken', 'refused'])
      await mkdir(join(this.root, folder), { recursive: true });
    await rm(this.output, { recursive: true, force: true });
    for (const id of this.setting.pages) await this.book.add(id, this.setting.padding);
  }

  /** Starts the story's command; `part` is its place in a pair. */
  start(part?: number): Launcher {
    const { setting, machine } = this;
    const { mode, gpus, workersPerGpu, strategy, link, onFailed, secrets } = setting;
    const args = ['run', 'input', '-o', this.output, '--json', '--gpus', gpus, '-w', `${workersPerGpu}`];
    args.push('--strategy', strategy, '--link', link, '--on-failed', onFailed);
    args.push('--page-timeout', '3s', '--start-timeout', '5s');
    if (this.work !== undefined) args.push('--work', this.work);
    if (part !== undefined) args.push('--part', `${part}/2`);
    if (mode === 'warm') {
      args.push('--translator', `worker:${machine.worker}`, '--max-worker-memory', '100MB');
      args.push('--', '--api-key', secrets[1]);
    } else {
      args.push('--command', `${machine.worker} --input {input} --output {output} --api-key ${secrets[1]}`);
    }
    const { rules } = this;
    const launcher = new Launcher([process.execPath, machine.program, ...args], {
      cwd: this.root,
      env: this.#environment(),
      mayBeKilled: rules.some(({ rule }) => rule.includes(':KILL:')),
      isRefusedCalls: rules.length > 0,
      part,
    });
    this.launchers.push(launcher);
    return launcher;
  }

  #environment(): NodeJS.ProcessEnv {
    const { setting, machine, root } = this;
    return {
      PATH: process.env['PATH'],
      LANG: 'C.UTF-8',
      HOME: join(root, 'home'),
      TMPDIR: join(root, 'tmp'),
      MGPU_CHAOS_STORY: root,
      CHAOS_STAGE: join(root, 'stage'),
      CHAOS_API_KEY: setting.secrets[0],
      CHAOS_PAGE_MS: setting.pageMs.join('-'),
      CHAOS_LOAD_MS: `${setting.loadMs}`,
      CHAOS_NAMES: setting.names,
      ...(setting.helper && { CHAOS_HELPER: '1' }),
      ...(setting.cursed && {
        CHAOS_CURSED: JSON.stringify({ [setting.cursed.page]: setting.cursed.fault }),
      }),
      ...(this.rules.length > 0 &&
        machine.refusingDisk !== undefined && {
          LD_PRELOAD: machine.refusingDisk,
          UV_USE_IO_URING: '0',
          REFUSE: this.rules.map(({ rule }) => rule).join('\n'),
          REFUSE_IN: 'node',
          REFUSE_LOG: this.#refusedLog,
        }),
    };
  }

  get #refusedLog(): string {
    return join(this.root, 'refused', `${this.#round}.log`);
  }

  /** From now on launchers belong to another round. */
  beginRound(): void {
    this.#round += 1;
    this.current = [];
    this.rules = [];
    this.guardIsGone = false;
    this.launcherIsKilled = false;
  }

  /** Calls that were refused in this round: which rules met one, and when that was last. */
  async refused(): Promise<{ readonly kinds: readonly string[]; readonly lastMs: number }> {
    if (this.rules.length === 0) return NONE_REFUSED;
    const [text, stats] = await Promise.all([
      readFile(this.#refusedLog, 'latin1').catch(() => ''),
      stat(this.#refusedLog).catch(() => undefined),
    ]);
    const met = text.split('\n').map((line) => line.split(' '));
    const kinds = this.rules.flatMap(({ kind, rule }) => {
      const [call, what] = rule.split(':');
      return met.some(([name, error]) => error === what && (call === '*' || name === call)) ? [kind] : [];
    });
    return { kinds, lastMs: stats?.mtimeMs ?? 0 };
  }

  /** Writes down what happened, with its time. */
  step(text: string): void {
    this.#steps.push(`${((Date.now() - this.#beganMs) / 1000).toFixed(2)} s  ${text}`);
  }

  get steps(): readonly string[] {
    return this.#steps;
  }

  /** A fault that has hit. */
  count(kind: string, atMs = Date.now()): void {
    this.injected.push({ kind, atMs });
  }

  /** To be done before the last run. */
  later(undo: () => Promise<void> | void): void {
    this.#undo.push(undo);
  }

  async takeBack(): Promise<void> {
    for (const undo of this.#undo.splice(0).reverse()) await undo();
    const waiting = join(this.root, 'stage/waiting');
    for (const name of await readdir(waiting)) await rm(join(waiting, name), { force: true });
  }

  /** Lays out a fault for the next process that begins a page, or starts. */
  lay(fault: string): void {
    this.#tokens += 1;
    writeFileSync(join(this.root, 'stage/waiting', `${String(this.#tokens).padStart(3, '0')}.${fault}`), '');
  }

  /** Faults that workers took, with the time; `name` is another one for each. */
  async taken(): Promise<{ readonly name: string; readonly fault: string; readonly atMs: number }[]> {
    const folder = join(this.root, 'stage/taken');
    const names = await readdir(folder);
    return Promise.all(
      names.map(async (name) => ({
        name,
        fault: name.slice(name.indexOf('.') + 1),
        atMs: (await stat(join(folder, name))).ctimeMs,
      })),
    );
  }

  /** Removes all that is left of it. */
  async remove(): Promise<void> {
    for (const folder of [this.root, this.output, ...(this.work ? [this.work] : [])])
      await rm(folder, { recursive: true, force: true });
  }
}
