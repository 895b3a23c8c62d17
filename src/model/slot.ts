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
  /** The machine that it is in, where there are several. */
  readonly node?: string;
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

/**
 * A slot's name, for people: `gpu0-0` is the first worker's place on GPU 0, `cpu-0` the first on no GPU at all, `node1-gpu0-0` one on
 * another machine. Nothing is to be read out of it.
 */
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

/** `node1-gpu0`, or `gpu0` where there is one machine: a device by itself. */
export const placeName = (gpu: Gpu | null): string =>
  gpu?.node === undefined ? gpuName(gpu?.index ?? null) : `${gpu.node}-${gpuName(gpu.index)}`;

/** What tells a slot's device from all others, as events have it: its UUID where it has one. */
export const deviceOf = ({ gpu }: Slot): string => gpu?.uuid ?? placeName(gpu);

/** A slot and what it is on, as events tell it. */
export const slotDeviceOf = (
  slot: Slot,
): {
  readonly slot: SlotId;
  readonly device: string;
  readonly gpu: number | null;
  readonly node?: string;
} => ({
  slot: slot.id,
  device: deviceOf(slot),
  gpu: gpuIndexOf(slot),
  ...(slot.gpu?.node !== undefined && { node: slot.gpu.node }),
});

/** What devices of one kind have in common, for what is learned of them: the card's name; `cpu` for none. */
export const deviceModelOf = ({ gpu }: Slot): string => (gpu ? (gpu.name ?? gpu.vendor) : 'cpu');
