import { type Gpu, placeName, type Slot } from '../model/slot.ts';

/** What the slots are made of. */
interface SlotOptions {
  readonly gpus: readonly Gpu[];
  /** No GPU at all: the workers share the processor. */
  readonly cpu: boolean;
  readonly workersPerGpu: number;
}

/** The places for workers, going round the GPUs, so that fewer pages than slots still use every GPU. */
export function makeSlots({ gpus, cpu, workersPerGpu }: SlotOptions): Slot[] {
  const rounds = Array.from({ length: workersPerGpu }, (_, round) => round);
  if (cpu) return rounds.map((round) => slotOn(null, round));
  return rounds.flatMap((round) => gpus.map((gpu) => slotOn(gpu, round)));
}

/** The place for a device's worker of that number, from 0. */
export const slotOn = (gpu: Gpu | null, place: number): Slot => ({
  id: `${placeName(gpu)}-${place}`,
  gpu,
});

/** Which worker's environment is asked for, and what it shares the machine with. */
interface WorkerEnvironmentOptions {
  readonly slot: Slot;
  readonly slots: readonly Slot[];
  /** The environment that the launcher was started in. */
  readonly env: NodeJS.ProcessEnv;
  /** Processor cores of the machine. */
  readonly cores: number;
}

/** What is set over the launcher's own environment, so that a worker sees its one device alone. */
export function workerEnvironment({
  slot,
  slots,
  env,
  cores,
}: WorkerEnvironmentOptions): Record<string, string> {
  const threads = Math.max(1, Math.floor(cores / Math.max(1, slots.length)));
  return {
    ...deviceVariables(slot.gpu, env),
    CUDA_DEVICE_ORDER: 'PCI_BUS_ID',
    MGPU_GPU: slot.gpu === null ? 'cpu' : String(slot.gpu.index),
    MGPU_SLOT: slot.id,
    PYTHONUNBUFFERED: '1',
    ...(!env.OMP_NUM_THREADS && { OMP_NUM_THREADS: String(threads) }),
  };
}

function deviceVariables(gpu: Gpu | null, env: NodeJS.ProcessEnv): Record<string, string> {
  // ROCm takes an empty list for no list at all.
  if (gpu === null) return { CUDA_VISIBLE_DEVICES: '', HIP_VISIBLE_DEVICES: '-1' };
  const { vendor, visibleAs } = gpu;
  if (vendor === 'amd' && env.ROCR_VISIBLE_DEVICES) {
    // HIP counts within what ROCr lets through, so ROCr picks the device and HIP its first.
    return { ROCR_VISIBLE_DEVICES: visibleAs, HIP_VISIBLE_DEVICES: '0', CUDA_VISIBLE_DEVICES: '0' };
  }
  // An inherited list would win over ours where the vendor isn't known.
  const hip = vendor === 'amd' || (vendor === 'unknown' && env.HIP_VISIBLE_DEVICES !== undefined);
  return { CUDA_VISIBLE_DEVICES: visibleAs, ...(hip && { HIP_VISIBLE_DEVICES: visibleAs }) };
}
