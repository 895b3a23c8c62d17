import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { RayDriver } from './driver.ts';

const SCRIPT = fileURLToPath(new URL('cluster.py', import.meta.url));
const PYTHON = process.env.MGPU_TEST_RAY_PYTHON;

/** Why no cluster can be started here; undefined where one can. */
export const WHY_NO_CLUSTER = whyNone();

function whyNone(): string | undefined {
  if (PYTHON === undefined) return 'MGPU_TEST_RAY_PYTHON names no interpreter that has Ray';
  const succeeds = (file: string, ...args: string[]) => spawnSync(file, args).status === 0;
  if (!succeeds('unshare', '--net', 'true')) return 'no right to make a network (unshare --net)';
  return succeeds(PYTHON, '-c', 'import ray') ? undefined : `${PYTHON} has no Ray`;
}

/** A process of the cluster's network that is not Ray's. */
interface FoundProcess {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

/** A Ray cluster in a network of its own; see cluster.py. */
export class Cluster {
  readonly address: string;
  readonly #process: ChildProcess;
  readonly #folder: string;
  readonly #inside: readonly string[];
  readonly #env: NodeJS.ProcessEnv;

  private constructor(started: {
    process: ChildProcess;
    folder: string;
    line: string;
    env: NodeJS.ProcessEnv;
  }) {
    const [, address = '', pid = '', rayFolder = ''] = started.line.split(' ');
    this.address = address;
    this.#process = started.process;
    this.#folder = started.folder;
    this.#inside = ['nsenter', `--net=/proc/${pid}/ns/net`];
    this.#env = { ...started.env, RAY_TMPDIR: rayFolder, RAY_AUTH_MODE: 'disabled' };
  }

  /** Starts so many nodes, each with so many GPUs, of which the last `apart` can be cut off; settles once all are there. */
  static async start({
    nodes,
    gpus,
    apart = 0,
    env = {},
  }: {
    nodes: number;
    gpus: number;
    apart?: number;
    env?: object;
  }): Promise<Cluster> {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'mgpu-cluster-'));
    const ownEnv = { ...process.env, ...env, TMPDIR: folder };
    const args = [
      SCRIPT,
      '--nodes',
      `${nodes}`,
      '--gpus',
      `${gpus}`,
      '--apart',
      `${apart}`,
      '--control',
      path.join(folder, 'control'),
    ];
    const child = spawn(PYTHON ?? '', args, { env: ownEnv, stdio: ['pipe', 'ignore', 'pipe'] });
    const said: string[] = [];
    const lines = createInterface({ input: child.stderr });
    const line = await new Promise<string>((resolve, reject) => {
      lines.on('line', (text) => {
        said.push(text);
        if (text.startsWith('cluster ')) resolve(text);
      });
      lines.once('close', () => reject(new Error(`the cluster did not start: ${said.join('\n')}`)));
    });
    return new Cluster({ process: child, folder, line, env: ownEnv });
  }

  /** The interpreter that has Ray. */
  get python(): string {
    return PYTHON ?? '';
  }

  /** Starts a program on the head, with pipes to hear it. */
  spawn(file: string, args: readonly string[], cwd: string): ChildProcess {
    const [program = '', ...words] = [...this.#inside, file, ...args];
    return spawn(program, words, { cwd, env: this.#env, stdio: ['ignore', 'pipe', 'pipe'] });
  }

  /** A driver on the head. */
  driver(hello: object = {}): RayDriver {
    return new RayDriver({
      python: [...this.#inside, PYTHON ?? ''],
      env: this.#env,
      hello: { address: this.address, ...hello },
    });
  }

  /** An order to cluster.py, and its answer. */
  async order(order: object): Promise<Readonly<Record<string, unknown>>> {
    const socket = connect(path.join(this.#folder, 'control'));
    socket.write(`${JSON.stringify(order)}\n`);
    const [line] = await once(createInterface({ input: socket }), 'line');
    socket.destroy();
    return JSON.parse(line);
  }

  /** What runs in its network besides Ray. */
  async processes(): Promise<readonly FoundProcess[]> {
    const { processes } = await this.order({ do: 'processes' });
    return processes as FoundProcess[];
  }

  /** What the nodes have in their folder for temporary files. */
  folders(): string[] {
    return readdirSync(this.#folder).filter((name) => name.startsWith('mgpu-ray-'));
  }

  /** Ends it, and all that still runs in it. */
  async end(): Promise<void> {
    const ended = once(this.#process, 'exit');
    this.#process.stdin?.end();
    await ended;
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
