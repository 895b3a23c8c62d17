import type { SlotDevice } from '../model/events.ts';
import type { SlotId } from '../model/slot.ts';

/** Which GPU each slot is on, as the events tell it. */
export class SlotGpus {
  readonly #gpus = new Map<SlotId, number | null>();

  add({ slot, gpu }: Pick<SlotDevice, 'slot' | 'gpu'>): void {
    this.#gpus.set(slot, gpu);
  }

  /** The GPU of a slot; null is the CPU. */
  of(slot: SlotId): number | null {
    const told = this.#gpus.get(slot);
    return told === undefined ? gpuNamedBy(slot) : told;
  }
}

/** What a slot's name says of its GPU. Version 0.1.0 told it by nothing else; names that came later say nothing. */
export function gpuNamedBy(slot: SlotId): number | null {
  const digits = /^gpu(\d+)-\d+$/.exec(slot)?.[1];
  return digits === undefined ? null : Number(digits);
}
