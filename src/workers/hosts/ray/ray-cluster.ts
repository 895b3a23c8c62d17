import { runTool } from '../../../devices/run-tool.ts';
import { cannotRun, type Refusal } from '../../../model/refusal.ts';
import type { EngineName } from '../../../model/run-options.ts';
import type { Gpu } from '../../../model/slot.ts';
import { findPython } from '../../../translators/python.ts';
import { ClusterNodes, type NamedNode } from './cluster-nodes.ts';
import { RayDriver } from './driver.ts';
import type { DriverSaid } from './driver-event.ts';
import { startDriver } from './start-driver.ts';

/** So long an actor waits to be heard of: then it ends its workers, and itself. */
const LEASE_SECONDS = 60;
const SAMPLE_MS = 2500;
/** Longer than the driver itself waits for the cluster: what takes more hangs, or is not understood. */
const MOST_GREETING_MS = 90_000;
const PYTHON_MS = 5000;

/** Which cluster is wanted, and by whom. */
export interface ClusterWanted {
  readonly engine: EngineName;
  /** `--ray-python` */
  readonly python: string | undefined;
  /** A cluster without a GPU may get one. */
  readonly waits: boolean;
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly redact: (text: string) => string;
  /** Aborted: nobody waits for it any more. */
  readonly stop?: AbortSignal | undefined;
}

/** How busy a GPU of the cluster is. */
export interface ClusterSample {
  readonly gpu: string;
  /** 0 to 1. */
  readonly utilisation: number | undefined;
  readonly usedBytes: number | undefined;
  readonly totalBytes: number | undefined;
}

/** A Ray cluster that this program is connected to. */
export class RayCluster {
  readonly driver: RayDriver;
  readonly nodes: ClusterNodes;
  /** Version of Ray. */
  readonly version: string;
  /** HOST:PORT */
  readonly address: string;
  /** As they were when it was connected; `nodes` is kept up to date from then on. */
  readonly nodesAtFirst: readonly NamedNode[];
  /** Settles when the node of this machine is gone: Ray takes the run for ended then. Never rejects. */
  readonly ownNodeLost: Promise<void>;
  #samples = 0;

  constructor(driver: RayDriver, { nodes, ray, address, own }: DriverSaid<'hello'>) {
    this.driver = driver;
    this.nodes = new ClusterNodes(nodes);
    this.nodesAtFirst = this.nodes.all;
    this.ownNodeLost = new Promise((resolve) => {
      driver.listen((event) => {
        if (event.type !== 'nodes') return;
        this.nodes.change(event);
        if (own !== undefined && event.left.includes(own)) resolve();
      });
    });
    this.version = ray;
    this.address = address;
  }

  /** Every GPU of every machine, held or not. */
  get gpus(): readonly Gpu[] {
    return this.nodes.gpus;
  }

  /** How busy the GPUs that are held are now, by the names that the driver has for them; what nobody tells is left out. Never rejects. */
  async sample(): Promise<readonly ClusterSample[]> {
    this.#samples += 1;
    const seq = this.#samples;
    return new Promise((resolve) => {
      const settle = (found: readonly ClusterSample[]): void => {
        clearTimeout(late);
        letGo();
        resolve(found);
      };
      const late = setTimeout(() => settle([]), SAMPLE_MS);
      const letGo = this.driver.listen((event) => {
        if (event.type !== 'sampled' || event.seq !== seq) return;
        settle(
          event.gpus.map(({ gpu, utilization, usedBytes, totalBytes }) => ({
            gpu,
            utilisation: utilization == null ? undefined : utilization / 100,
            usedBytes: usedBytes ?? undefined,
            totalBytes: totalBytes ?? undefined,
          })),
        );
      });
      this.driver.send({ type: 'sample', seq });
    });
  }

  /** Ends all that is left on the cluster. */
  close(): Promise<void> {
    return this.driver.close();
  }
}

/**
 * Connects to a Ray cluster.
 * @throws Refusal (3) where there is none, this machine is not part of it, it has no GPU, or the Python has no Ray or another one
 */
export async function connectCluster(wanted: ClusterWanted): Promise<RayCluster> {
  const { file } = await findPython(wanted.python, wanted).catch((error: unknown) => {
    throw wanted.python === undefined ? error : noSuchPython(wanted.python);
  });
  if (wanted.stop?.aborted) throw cannotRun('--engine ray: stopped before the cluster was asked');
  const driver = new RayDriver(startDriver(file, wanted));
  try {
    return await greet(driver, wanted);
  } catch (error) {
    if (driver.hasSpoken || wanted.stop?.aborted || !(await isOtherProgram(file, wanted.env))) throw error;
    const name = wanted.python === undefined ? file : `--ray-python ${wanted.python}`;
    throw cannotRun(`${name}: this program is no Python 3`, WHICH_PYTHON);
  }
}

/** True for a program that shows that it is no Python 3: one that can't start, or takes long, may be one. */
async function isOtherProgram(file: string, env: NodeJS.ProcessEnv): Promise<boolean> {
  const args = ['-c', 'import sys; print("python %d" % sys.version_info[0])'];
  const end = await runTool({ command: file, args, env, cwd: '/', timeoutMs: PYTHON_MS });
  if (end.by !== 'exit') return false;
  const isBroken = /^(?:Fatal Python error|Python path configuration|Traceback \()/m.test(end.stderr);
  return !isBroken && !/^python 3$/m.test(end.stdout);
}

/** The cluster behind a driver that was just started. As `connectCluster`. */
export async function greet(
  driver: RayDriver,
  { engine, waits, stop }: Pick<ClusterWanted, 'engine' | 'waits' | 'stop'>,
): Promise<RayCluster> {
  const address = engine === 'ray' ? 'auto' : engine.slice('ray:'.length);
  const end = (): void => void driver.close();
  stop?.addEventListener('abort', end, { once: true });
  let late: NodeJS.Timeout | undefined;
  const answer = await new Promise<RayCluster | Refusal>((resolve) => {
    driver.listen((event) => {
      // Made at once: what the driver says next may be that a node has come.
      if (event.type === 'hello') resolve(new RayCluster(driver, event));
      else if (event.type === 'refused') resolve(refusalOf(event));
    });
    void driver.ended.then(() => resolve(cannotRun(`--engine ray: ${driver.lossWords}`, HINTS.failed)));
    late = setTimeout(() => resolve(noAnswer()), MOST_GREETING_MS);
    if (stop?.aborted) return end();
    driver.send({
      type: 'hello',
      v: 1,
      address,
      leaseSeconds: LEASE_SECONDS,
      wait: waits,
    });
  });
  clearTimeout(late);
  stop?.removeEventListener('abort', end);
  if (!(answer instanceof Error)) return answer;
  await driver.close();
  throw answer;
}

const noAnswer = (): Refusal =>
  cannotRun(
    `--engine ray: the driver gave no answer that is understood within ${MOST_GREETING_MS / 1000} s`,
    HINTS.failed,
  );

const noSuchPython = (python: string): Refusal =>
  cannotRun(`--ray-python ${python}: no such program`, WHICH_PYTHON);

const WHICH_PYTHON = 'give the path of the Python that Ray is installed in';

const HINTS: Readonly<Record<DriverSaid<'refused'>['kind'], string>> = {
  'no-ray': 'choose the Python that has Ray: --ray-python venv/bin/python',
  'no-cluster': 'start one (ray start --head), or name its address: --engine ray:HOST:PORT',
  'no-node': 'or run on each machine by itself: --part 1/2, --part 2/2',
  version: 'choose a Python with the version of the cluster: --ray-python venv/bin/python',
  'no-gpu': 'see what it has: ray status; on each machine by itself: --part',
  client: 'or run on each machine by itself: --part 1/2, --part 2/2',
  failed: 'see whether the cluster is well: ray status',
};

const refusalOf = ({ kind, message }: DriverSaid<'refused'>): Refusal =>
  cannotRun(`--engine ray: ${message}`, HINTS[kind]);
