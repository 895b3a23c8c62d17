import type { Gpu } from '../model/slot.ts';
import type { DetectedGpus } from './detect.ts';

/** What the parent's environment lets through. */
export interface VisibleGpus {
  readonly gpus: readonly Gpu[];
  /** What limits them, as it is set: `CUDA_VISIBLE_DEVICES=2,3`. Missing where nothing does. */
  readonly limitedBy?: string;
}

/**
 * The detected GPUs that a program started here would see, in the order in which it would see them. Follows CUDA: an invalid
 * entry ends the list, a repeated one empties it, an empty list or -1 hides all; on AMD ROCr's list comes first and HIP counts
 * within it. Indices are taken in PCI order, as the tools number their cards.
 */
export function visibleGpus(detected: DetectedGpus, env: NodeJS.ProcessEnv): VisibleGpus {
  const amd = detected.gpus.some((gpu) => gpu.vendor === 'amd');
  const hip = env.HIP_VISIBLE_DEVICES === undefined ? 'CUDA_VISIBLE_DEVICES' : 'HIP_VISIBLE_DEVICES';
  const names = amd ? ['ROCR_VISIBLE_DEVICES', hip] : ['CUDA_VISIBLE_DEVICES'];
  let devices = amd ? detected.gpus.map((gpu) => ({ gpu, given: gpu })) : nvidiaDevices(detected);
  const limits: string[] = [];
  for (const name of names) {
    const value = env[name];
    if (value === undefined) continue;
    devices = pick(devices, value);
    limits.push(`${name}=${value}`);
  }
  if (limits.length === 0) return { gpus: detected.gpus };
  return { gpus: devices.flatMap(({ given }) => given ?? []), limitedBy: limits.join(' ') };
}

/** A device that the variables can name, and what a worker can be given when they do. */
interface Device {
  readonly gpu: Gpu;
  readonly given: Gpu | undefined;
  /** MIG devices go by UUID alone. */
  readonly byUuidOnly?: boolean;
}

function nvidiaDevices({ gpus, unusable }: DetectedGpus): Device[] {
  const isMig = (gpu: Gpu) => gpu.uuid?.startsWith('MIG-') === true;
  const cards: Device[] = [
    ...gpus.filter((gpu) => !isMig(gpu)).map((gpu) => ({ gpu, given: gpu })),
    // Of a card in MIG mode CUDA takes the first device.
    ...unusable.map(({ gpu, migDevices }) => ({ gpu, given: migDevices[0] })),
  ].sort((a, b) => a.gpu.index - b.gpu.index);
  return [...cards, ...gpus.filter(isMig).map((gpu) => ({ gpu, given: gpu, byUuidOnly: true }))];
}

function pick(devices: readonly Device[], value: string): Device[] {
  const numbered = devices.filter((device) => !device.byUuidOnly);
  const picked: Device[] = [];
  for (const entry of value.split(',').map((each) => each.trim())) {
    const device = /^\d+$/.test(entry) ? numbered[Number(entry)] : byUuid(devices, entry);
    if (!device) break;
    if (picked.includes(device)) return [];
    picked.push(device);
  }
  return picked;
}

function byUuid(devices: readonly Device[], prefix: string): Device | undefined {
  if (!/^(GPU|MIG)-./i.test(prefix)) return undefined;
  const [found, ...others] = devices.filter(({ gpu }) => hasUuidPrefix(gpu, prefix));
  return others.length === 0 ? found : undefined;
}

/** True where the GPU's UUID starts like this, in any case. */
export const hasUuidPrefix = (gpu: Gpu, prefix: string): boolean =>
  gpu.uuid?.toLowerCase().startsWith(prefix.toLowerCase()) === true;
