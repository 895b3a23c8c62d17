import { deviceOf, type Slot } from '../../model/slot.ts';

/** A device and its slots, the oldest first. */
export interface PackedDevice {
  readonly gpu: Slot['gpu'];
  slots: readonly Slot[];
  /** Of the next slot: names of those that are gone are not used again. */
  place: number;
}

/** What is to be done about the workers of a device. */
export type PackingStep =
  | { readonly by: 'add'; readonly slot: Slot; readonly why: string }
  | { readonly by: 'retire'; readonly slot: Slot; readonly why: string }
  /** How many workers the device has, and why. `times`: how fast they are together, compared with one. */
  | {
      readonly by: 'tell';
      readonly device: string;
      readonly gpu: number | null;
      readonly workers: number;
      readonly why: string;
      readonly times?: number;
    };

/** The number of a device's GPU; null is the CPU. */
export const gpuOf = ({ gpu }: PackedDevice): number | null => gpu?.index ?? null;

/** Takes the youngest worker of each device out of its slots, for a reason. */
export function withoutYoungest(devices: readonly PackedDevice[], why: string): PackingStep[] {
  return devices.flatMap((device): PackingStep[] => {
    const slot = device.slots.at(-1);
    device.slots = device.slots.slice(0, -1);
    return slot ? [{ by: 'retire', slot, why }] : [];
  });
}

/** Tells how many workers each device has, and why; `times`: how fast they are together, compared with one, where that is known. */
export const tellOf = (
  devices: readonly PackedDevice[],
  why: string,
  times: number | undefined,
): PackingStep[] =>
  devices.flatMap((device): PackingStep[] => {
    const [slot] = device.slots;
    if (!slot) return [];
    const workers = device.slots.length;
    const told = { by: 'tell', device: deviceOf(slot), gpu: gpuOf(device), workers, why } as const;
    return [workers > 1 && times !== undefined ? { ...told, times: Math.round(times * 100) / 100 } : told];
  });
