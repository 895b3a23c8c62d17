import { cannotRun } from '../../model/refusal.ts';
import type { RunOptions } from '../../model/run-options.ts';
import type { Slot } from '../../model/slot.ts';
import type { Stop } from '../../model/stop.ts';
import type { PackedWorker } from '../../translators/remote.ts';
import type { WarmTranslator } from '../../translators/translator.ts';
import { driverLost } from '../../workers/hosts/ray/driver.ts';
import type { RayCluster } from '../../workers/hosts/ray/ray-cluster.ts';
import { RayHost } from '../../workers/hosts/ray/ray-host.ts';
import { Reservations } from '../../workers/hosts/ray/reservations.ts';
import type { Engine } from '../engine.ts';
import type { SlotsAtWork } from '../slots-at-work.ts';
import { nodeEnvironment } from './node-environment.ts';
import { Placement } from './placement.ts';

/** What the engine needs of a run that is made with it. */
export interface ClusterRun {
  readonly slots: () => readonly Slot[];
  readonly hasWork: () => boolean;
  readonly onChange: (listener: () => void) => void;
}

/** What it needs of all that slots have. */
type ClusterWork = Pick<SlotsAtWork, 'emit' | 'fail' | 'env'> & {
  readonly options: Pick<RunOptions, 'rayGpus' | 'passEnv' | 'workersPerGpu' | 'gpuWaitMs'>;
  readonly stop: Pick<Stop, 'drain'>;
};

/** A Ray cluster: slots join as its GPUs are held. */
export function clusterEngine(
  work: ClusterWork,
  translator: Pick<WarmTranslator, 'needsFirstStart'>,
  {
    cluster,
    remote,
    run,
  }: { readonly cluster: RayCluster; readonly remote: PackedWorker; readonly run: ClusterRun },
): Engine {
  const { options, stop, emit, fail, env } = work;
  const { driver, nodes } = cluster;
  const { rayGpus, passEnv } = options;
  const perGpu = options.workersPerGpu === 'auto' ? 1 : options.workersPerGpu;
  const reservations = new Reservations({ driver, nodes, most: rayGpus });
  const host = new RayHost(driver, reservations, remote.files);
  void driver.lost.then(() => {
    if (run.hasWork()) fail(driverLost(driver));
  });
  void cluster.ownNodeLost.then(() =>
    fail(
      cannotRun(
        'the Ray cluster is lost: the node of this machine is gone',
        'start it again (ray start), then run the same command to resume',
      ),
    ),
  );
  let placement: Placement | undefined;
  const everThere: Slot[] = [];
  return {
    host,
    slots: [],
    everThere,
    commandOf: (slot) => remote.command(slot),
    environmentOf: (slot) => {
      const onNode = run.slots().filter(({ gpu }) => gpu?.node === slot.gpu?.node).length;
      const gpus = nodes.all.find(({ label }) => label === slot.gpu?.node)?.gpus ?? 1;
      const workers = Math.max(onNode, Math.min(gpus, rayGpus ?? gpus) * perGpu);
      return nodeEnvironment(slot, { cores: placement?.coresOf(slot) ?? 1, workers, env, passed: passEnv });
    },
    needsFirst: Promise.resolve(translator.needsFirstStart !== undefined),
    // Whether any will is told by what is asked for: it is given up in time, with words of its own.
    mayJoin: () => true,
    sample: async () =>
      (await cluster.sample()).flatMap(({ gpu: name, utilisation, usedBytes: used, totalBytes: total }) => {
        const index = reservations.gpuOf(name)?.index;
        if (index === undefined) return [];
        const memory = used === undefined || total === undefined ? undefined : { total, used };
        return [{ index, utilisation, memory }];
      }),
    run: async (pool, packing) => {
      placement = new Placement({
        ...run,
        reservations,
        isUsed: (name) => host.isUsed(name),
        pool,
        workersPerGpu: perGpu,
        gpuWaitMs: options.gpuWaitMs,
        stop: stop.drain,
        emit,
        fail,
        ...(packing && { joined: (slot: Slot, place: number) => packing.joined(slot, place) }),
      });
      try {
        await placement.run(nodes.all);
      } finally {
        everThere.push(...placement.everThere);
      }
    },
  };
}
