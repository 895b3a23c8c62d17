/** One device that a worker can be given. */
export interface Gpu {
  /** The number the vendor's tool lists it under; unique in a list. A MIG device is numbered after the last card. */
  readonly index: number;
  readonly vendor: 'nvidia' | 'amd' | 'unknown';
  readonly uuid?: string;
  readonly name?: string;
  readonly memoryTotalBytes?: number;
  readonly memoryFreeBytes?: number;
  /** Share of the time it was busy lately, 0 to 1. */
  readonly utilisation?: number;
  /** What CUDA_VISIBLE_DEVICES (HIP_VISIBLE_DEVICES) has to hold so that a process sees this device alone. */
  readonly visibleAs: string;
}

/** A card that is listed and can't be given to a worker. */
export interface UnusableCard {
  readonly gpu: Gpu;
  /** `lost`: it is listed and does not answer. */
  readonly why: 'mig-mode' | 'needs-reset' | 'lost';
  /** What can be taken instead of a card in MIG mode. */
  readonly migDevices: readonly Gpu[];
}

/** A slot's name: `gpu0-0` is the first worker's place on GPU 0, `cpu-0` the first on no GPU at all. */
export type SlotId = string;

/** A place for one worker. `gpu` is null on the CPU. */
export interface Slot {
  readonly id: SlotId;
  readonly gpu: Gpu | null;
}

/** The number of a slot's GPU, as events have it: null on the CPU. */
export const gpuIndexOf = (slot: Slot): number | null => slot.gpu?.index ?? null;

/** `gpu0`, or `cpu` for none. */
export const gpuName = (gpu: number | null): string => (gpu === null ? 'cpu' : `gpu${gpu}`);

/** What tells a slot's device from all others, as events have it: its UUID where it has one. */
export const deviceOf = ({ gpu }: Slot): string => gpu?.uuid ?? gpuName(gpu?.index ?? null);

/** What devices of one kind have in common, for what is learned of them: the card's name; `cpu` for none. */
export const deviceModelOf = ({ gpu }: Slot): string => (gpu ? (gpu.name ?? gpu.vendor) : 'cpu');
