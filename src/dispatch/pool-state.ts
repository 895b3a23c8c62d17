import type { Slot, SlotId } from '../model/slot.ts';
import { gpuIndexOf } from '../model/slot.ts';
import type { UsableDevice } from './retry-policy.ts';

/** The slots that there are now, and how many there were. */
export class PoolState {
  readonly #slots = new Map<SlotId, Slot>();
  readonly #everOn = new Map<number | null, Set<SlotId>>();
  readonly #everThere = new Map<number | null, UsableDevice>();
  readonly #mayJoin: () => boolean;

  /** @param mayJoin true while slots may still join where there is none */
  constructor(slots: readonly Slot[], mayJoin: () => boolean = () => false) {
    this.#mayJoin = mayJoin;
    for (const slot of slots) this.join(slot);
  }

  get slots(): readonly Slot[] {
    return [...this.#slots.values()];
  }

  join(slot: Slot): void {
    this.#slots.set(slot.id, slot);
    const ever = this.#everOn.get(gpuIndexOf(slot)) ?? new Set();
    this.#everOn.set(gpuIndexOf(slot), ever.add(slot.id));
    this.#everThere.set(gpuIndexOf(slot), deviceOf(slot));
  }

  /** False where it was gone already. */
  retire(slot: Slot): boolean {
    return this.#slots.delete(slot.id);
  }

  has(slot: Slot): boolean {
    return this.#slots.has(slot.id);
  }

  /** The slots of one device. */
  on(gpu: number | null): readonly Slot[] {
    return this.slots.filter((slot) => gpuIndexOf(slot) === gpu);
  }

  /** All slots that a device ever had. */
  everOn(gpu: number | null): number {
    return this.#everOn.get(gpu)?.size ?? 0;
  }

  /** The devices that have a slot; where none has, and others may come, those that had one. */
  get devices(): readonly UsableDevice[] {
    if (this.#slots.size === 0 && this.#mayJoin()) return [...this.#everThere.values()];
    const devices = new Map<number | null, UsableDevice>();
    for (const slot of this.#slots.values()) devices.set(gpuIndexOf(slot), deviceOf(slot));
    return [...devices.values()];
  }
}

const deviceOf = (slot: Slot): UsableDevice => ({
  gpu: gpuIndexOf(slot),
  memoryBytes: slot.gpu?.memoryTotalBytes ?? 0,
});
