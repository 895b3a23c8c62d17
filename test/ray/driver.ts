import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';
import { pythonFile } from '../../src/translators/python-files.ts';

/** A line of the driver's: its type, and what else that type has. */
export type Said = Readonly<Record<string, unknown>> & { readonly type: string };

interface DriverSetup {
  /** Words before the driver's own: the interpreter, and what starts it. The driver's file is the last one. */
  readonly python: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** Fields of the first line. */
  readonly hello?: object;
}

/** A driver at work, with the test in the launcher's place. It ends with the test. */
export class RayDriver {
  /** All that it said, in order. */
  readonly heard: Said[] = [];
  readonly process: ChildProcess;
  readonly #ended: Promise<unknown>;
  #stderr = '';
  #taken = 0;
  #wake: () => void = () => {};
  #isOver = false;

  constructor({ python, env = process.env, hello = {} }: DriverSetup) {
    const [file = '', ...args] = [...python, pythonFile('ray_driver.py')];
    const child = spawn(file, args, { env, stdio: ['pipe', 'pipe', 'pipe'] });
    this.process = child;
    child.stdin.on('error', () => {});
    child.stderr.setEncoding('utf8').on('data', (text) => {
      this.#stderr += text;
    });
    const lines = createInterface({ input: child.stdout });
    lines.on('line', (line) => {
      this.heard.push(JSON.parse(line));
      this.#wake();
    });
    lines.once('close', () => {
      this.#isOver = true;
      this.#wake();
    });
    this.#ended = once(child, 'close');
    onTestFinished(() => void child.kill('SIGKILL'));
    this.say({
      type: 'hello',
      v: 1,
      address: 'auto',
      leaseSeconds: 60,
      ...hello,
    });
  }

  say(...messages: readonly object[]): void {
    this.process.stdin?.write(messages.map((message) => `${JSON.stringify(message)}\n`).join(''));
  }

  /** The next line that fits, of those behind the one that was asked for before. */
  async next(type: string, fits: (said: Said) => boolean = () => true): Promise<Said> {
    for (;;) {
      while (this.#taken < this.heard.length) {
        const said = this.heard[this.#taken++];
        if (said?.type === type && fits(said)) return said;
      }
      if (this.#isOver)
        throw new Error(`the driver ended without ${type}: ${JSON.stringify(this.heard)} ${this.#stderr}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** The next line of a worker's output that fits. */
  async line(slot: string, stream: 'out' | 'err', fits: (text: string) => boolean): Promise<string> {
    const said = await this.next('lines', (one) => one['slot'] === slot && texts(one[stream]).some(fits));
    return texts(said[stream]).find(fits) ?? '';
  }

  /** All lines that a slot has said so far. */
  linesOf(slot: string, stream: 'out' | 'err'): string[] {
    return this.heard
      .filter((one) => one.type === 'lines' && one['slot'] === slot)
      .flatMap((one) => texts(one[stream]));
  }

  /** Holds a GPU. */
  async reserve(gpu: string, node: string | null = null): Promise<Said> {
    this.say({ type: 'reserve', gpu, node });
    return this.next('reserved', (said) => said['gpu'] === gpu);
  }

  /** Starts a worker; settles with its number. */
  async start(slot: string, gpu: string, argv: readonly string[], launch: object = {}): Promise<number> {
    this.say({
      type: 'start',
      slot,
      gpu,
      launch: { argv, cwd: null, env: {}, files: {}, device: true, ...launch },
    });
    return Number((await this.next('started', (said) => said['slot'] === slot))['pid']);
  }

  /** Ends its stdin, as a launcher's end does, and waits for its own. */
  async end(): Promise<number | null> {
    this.process.stdin?.end();
    return this.ended();
  }

  async ended(): Promise<number | null> {
    await this.#ended;
    return this.process.exitCode;
  }
}

const texts = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(String) : []);
