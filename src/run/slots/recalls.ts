import type { SlotId } from '../../model/slot.ts';

/** How children are told to end after the page that they are on, as the rest of their batch is worth more elsewhere. */
export class Recalls {
  readonly #drains = new Map<SlotId, () => void>();

  /** The slot's child ends so. */
  set(slot: SlotId, drain: () => void): void {
    this.#drains.set(slot, drain);
  }

  /** The slot's child is gone. */
  clear(slot: SlotId): void {
    this.#drains.delete(slot);
  }

  /** Ends the slot's child after its page; its other pages go back. */
  recall(slot: SlotId): void {
    this.#drains.get(slot)?.();
  }
}
