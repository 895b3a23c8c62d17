import { setTimeout as delay } from 'node:timers/promises';
import { cannotRun } from '../../model/refusal.ts';
import type { Slot } from '../../model/slot.ts';
import type { CardMemory } from '../../schedule/cards.ts';
import { packedFiles } from '../../translators/remote.ts';
import type { RemoteWorker, WarmTranslator } from '../../translators/translator.ts';
import { driverLost } from '../../workers/hosts/ray/driver.ts';
import type { RayCluster } from '../../workers/hosts/ray/ray-cluster.ts';
import { RayHost } from '../../workers/hosts/ray/ray-host.ts';
import { Reservations } from '../../workers/hosts/ray/reservations.ts';
import type { Engine } from '../engine.ts';
import type { SlotsAtWork } from '../slots-at-work.ts';
import { nodeEnvironment } from './node-environment.ts';
import { Placement } from './placement.ts';

const SAMPLE_EVERY_MS = 10_000;

/** What the engine needs of a run that is made with it. */
export interface ClusterRun {
  readonly slots: () => readonly Slot[];
  readonly hasWork: () => boolean;
  readonly onChange: (listener: () => void) => void;
  readonly memoryOf: (gpu: number, usedBytes: number) => CardMemory | undefined;
}

/**
 * A Ray cluster: slots join as its GPUs are held.
 * @throws Refusal (3) where what a worker needs can't travel
 */
export async function clusterEngine(
  work: SlotsAtWork,
  translator: WarmTranslator,
  {
    cluster,
    remote,
    run,
  }: { readonly cluster: RayCluster; readonly remote: RemoteWorker; readonly run: ClusterRun },
): Promise<Engine> {
  const { options, stop, emit, fail, env } = work;
  const { driver, nodes } = cluster;
  const { rayGpus, passEnv } = options;
  const perGpu = options.workersPerGpu === 'auto' ? 1 : options.workersPerGpu;
  const reservations = new Reservations({ driver, nodes, most: rayGpus });
  const host = new RayHost(driver, reservations, await packedFiles(remote));
  void driver.ended.then(() => {
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
    cards: async () => {
      const found = new Map<number, { readonly total: number; readonly used: number }>();
      for (const { gpu: name, usedBytes: used, totalBytes: total } of await cluster.sample()) {
        const gpu = reservations.gpuOf(name)?.index;
        if (gpu !== undefined && used !== undefined && total !== undefined) found.set(gpu, { total, used });
      }
      return found;
    },
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
      const sampling = new AbortController();
      void sampleWhile(sampling.signal, work, { cluster, reservations, run });
      try {
        await placement.run(nodes.all);
      } finally {
        sampling.abort();
        // While the run is put on record.
        void cluster.close();
        everThere.push(...placement.everThere);
      }
    },
  };
}

/** Tells from time to time how busy the GPUs are. */
async function sampleWhile(
  signal: AbortSignal,
  { emit, heartbeatMs = SAMPLE_EVERY_MS }: SlotsAtWork,
  { cluster, reservations, run }: { cluster: RayCluster; reservations: Reservations; run: ClusterRun },
): Promise<void> {
  for (;;) {
    await delay(heartbeatMs, undefined, { signal, ref: false }).catch(() => {});
    if (signal.aborted) return;
    for (const { gpu: name, utilisation, usedBytes } of await cluster.sample()) {
      const gpu = reservations.gpuOf(name)?.index;
      if (signal.aborted || gpu === undefined || usedBytes === undefined || utilisation === undefined)
        continue;
      const memory = run.memoryOf(gpu, usedBytes);
      const ofRun = memory && { heldBytes: memory.held, reservedBytes: memory.reserved };
      emit({ type: 'gpu-sampled', gpu, utilisation, memoryUsedBytes: usedBytes, ...ofRun });
    }
  }
}
