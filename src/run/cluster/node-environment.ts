import type { Slot } from '../../model/slot.ts';

/** Of variables that are to be passed on, those that are not set here, in words. */
export function unsetVariables(passed: readonly string[], env: NodeJS.ProcessEnv): readonly string[] {
  const unset = passed.filter((name) => env[name] === undefined);
  return unset.length === 0
    ? []
    : [`--pass-env ${unset.join(',')}: not set here, so that workers on the nodes do not get it.`];
}

/**
 * What a worker on a node has in its environment besides what its node has, and its GPU, which is told there: its slot, its share of the
 * node's cores, and the variables of the launcher's that are to be passed on.
 */
export function nodeEnvironment(
  slot: Slot,
  {
    cores,
    workers,
    env,
    passed,
  }: {
    /** Of the node. */
    readonly cores: number;
    /** Workers that may share it. */
    readonly workers: number;
    readonly env: NodeJS.ProcessEnv;
    /** Names of variables. */
    readonly passed: readonly string[];
  },
): Record<string, string> {
  const threads = Math.max(1, Math.floor(cores / Math.max(1, workers)));
  const given = passed.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]] as const]));
  return {
    OMP_NUM_THREADS: String(threads),
    ...Object.fromEntries(given),
    CUDA_DEVICE_ORDER: 'PCI_BUS_ID',
    MGPU_GPU: slot.gpu === null ? 'cpu' : String(slot.gpu.index),
    MGPU_SLOT: slot.id,
    PYTHONUNBUFFERED: '1',
  };
}
