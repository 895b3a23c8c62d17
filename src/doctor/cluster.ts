import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { slotOn } from '../devices/slots.ts';
import { Refusal } from '../model/refusal.ts';
import type { Slot } from '../model/slot.ts';
import { nodeEnvironment } from '../run/cluster/node-environment.ts';
import { redactorFor } from '../run/run-redactor.ts';
import { findTranslator } from '../translators/find-translator.ts';
import { packedWorker } from '../translators/remote.ts';
import type { WarmTranslator } from '../translators/translator.ts';
import type { NamedNode } from '../workers/hosts/ray/cluster-nodes.ts';
import { clusterWords, nodeWords } from '../workers/hosts/ray/cluster-words.ts';
import { connectCluster, type RayCluster } from '../workers/hosts/ray/ray-cluster.ts';
import { RayHost } from '../workers/hosts/ray/ray-host.ts';
import { Reservations } from '../workers/hosts/ray/reservations.ts';
import type { DoctorContext } from './context.ts';
import { type Finding, fine, trouble, warning } from './finding.ts';
import { tryWorker } from './try-warm.ts';

const CHECK = 'Ray cluster';
const TRANSLATOR = 'translator';
/** A GPU that is free is held within a few seconds. */
const HOLD_MS = 20_000;

/** Whether the cluster is there, what it has, and whether a worker does a page on one of its GPUs. */
export async function checkCluster(context: DoctorContext): Promise<readonly Finding[]> {
  const { options, cwd, env, redact } = context;
  try {
    const cluster = await connectCluster({
      engine: options.engine,
      python: options.rayPython,
      waits: false,
      ...{ cwd, env, redact: redact.text },
    });
    try {
      return [fine(CHECK, shownNodes(cluster)), ...(await tryOnCluster(cluster, context))];
    } finally {
      await cluster.close();
    }
  } catch (error) {
    if (error instanceof Refusal) return [trouble(CHECK, error.message, error.hint)];
    throw error;
  }
}

const shownNodes = (cluster: RayCluster): string =>
  `${clusterWords(cluster)}: ${cluster.nodesAtFirst.map(nodeWords).join('; ')}`;

/** A GPU of the cluster that is held. */
interface Held {
  readonly slot: Slot;
  readonly cores: number;
  readonly node: NamedNode | undefined;
}

async function tryOnCluster(cluster: RayCluster, context: DoctorContext): Promise<readonly Finding[]> {
  const { options, cwd, env, call } = context;
  const folder = await mkdtemp(path.join(tmpdir(), 'mgpu-doctor-'));
  const reservations = new Reservations({ driver: cluster.driver, nodes: cluster.nodes, most: 1 });
  try {
    const translator = await findTranslator(options, { cwd, env, run: call });
    const remote = translator.kind === 'warm' ? await packedWorker(translator) : undefined;
    if (!remote) return [trouble(TRANSLATOR, `${translator.name} can't be started on other machines`)];
    const warnings = remote.warnings.map((text) => warning(TRANSLATOR, text));
    const host = new RayHost(cluster.driver, reservations, remote.files);
    const held = await holdOne(reservations);
    if (!held) return [...warnings, notTried(translator.name, reservations)];
    const { slot, cores, node } = held;
    const { programFolders } = translator;
    const { text: redact } = await redactorFor(options, { env, cwd, programFolders });
    const set = nodeEnvironment(slot, { cores, workers: 1, env, passed: options.passEnv });
    const channel = host.start(slot, { command: remote.command(slot), env: set, takesLines: true });
    const tried = await tryWorker(channel, translator as WarmTranslator, { options, slot, folder, redact });
    await host.close();
    const where = node === undefined ? '' : ` on ${node.name || node.address}`;
    return [...warnings, { ...tried, text: `${translator.name}${where}: ${tried.text}` }];
  } catch (error) {
    if (error instanceof Refusal) return [trouble(TRANSLATOR, error.message, error.hint)];
    throw error;
  } finally {
    reservations.end();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Why no worker was tried: what a node says that can't hold its GPU, or that others have them all. */
export const notTried = (name: string, { lastWords }: Pick<Reservations, 'lastWords'>): Finding =>
  lastWords === undefined
    ? warning(TRANSLATOR, `${name} was not tried: no GPU is free`, 'see ray status')
    : trouble(TRANSLATOR, `${name} was not tried: no GPU can be held: ${lastWords}`, 'see ray status');

/** Any GPU, as soon as one is free; undefined where none is for a while, and at once where none can be held. */
export function holdOne(reservations: Reservations): Promise<Held | undefined> {
  return new Promise((resolve) => {
    const late = setTimeout(() => resolve(undefined), HOLD_MS);
    reservations.begin({
      held: ({ gpu, cores, node }) => {
        clearTimeout(late);
        resolve({ slot: slotOn(gpu, 0), cores, node });
      },
      lost: () => {},
      notHeld: () => {
        if (reservations.pending > 0) return;
        clearTimeout(late);
        resolve(undefined);
      },
      nodeJoined: () => {},
      nodeLeft: () => {},
      warned: () => {},
    });
  });
}
