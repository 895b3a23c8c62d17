import type { Page } from '../model/page.ts';
import type { Slot, SlotId } from '../model/slot.ts';
import type { Assignment } from './assignment.ts';

/** What a slot works on, and how it came to it. */
export interface HeldAssignment extends Assignment {
  /** It waited for a run of its own; else it came from the schedule. */
  readonly fromLone: boolean;
  /** It is to tell whether the page or the slot made the child before it end without a sign. */
  readonly isProbe: boolean;
  /** Taken out of turn: it is to tell whether nothing works, or only the pages before. */
  readonly isSample: boolean;
  /** Nothing else may be at work on its card meanwhile. */
  readonly wantsCardAlone: boolean;
  /** Nothing else has been at work on its card so far. */
  hadCardAlone: boolean;
}

/** Who has which pages in hand, and who shares a card with whom. */
export class InFlight {
  readonly #slots: readonly Slot[];
  readonly #atWork = new Map<SlotId, HeldAssignment>();
  /** Pages that lie ready with a worker that is busy with another. */
  readonly #ahead = new Map<SlotId, Page>();

  constructor(slots: readonly Slot[]) {
    this.#slots = slots;
  }

  begin(slot: Slot, work: Omit<HeldAssignment, 'hadCardAlone'>): Assignment {
    const beside = this.#neighbours(slot).flatMap(({ id }) => this.#atWork.get(id) ?? []);
    for (const other of beside) other.hadCardAlone = false;
    const inHand = { ...work, hadCardAlone: beside.length === 0 };
    this.#atWork.set(slot.id, inHand);
    return inHand;
  }

  of(slot: Slot): HeldAssignment | undefined {
    return this.#atWork.get(slot.id);
  }

  /** The slot's work is over; returns what it was. */
  end(slot: Slot): HeldAssignment | undefined {
    const work = this.#atWork.get(slot.id);
    this.#atWork.delete(slot.id);
    return work;
  }

  putAhead(slot: Slot, page: Page): void {
    this.#ahead.set(slot.id, page);
  }

  /** The page that lies ready with the slot's worker, which has it no longer. */
  takeAhead(slot: Slot): Page | undefined {
    const page = this.#ahead.get(slot.id);
    this.#ahead.delete(slot.id);
    return page;
  }

  /** True where somebody has something: pages may still come back. */
  get areBusy(): boolean {
    return this.#atWork.size + this.#ahead.size > 0;
  }

  /** True where nobody else is at work on the slot's card: between two pages a warm worker has begun with the one ahead. */
  hasCardFree(slot: Slot): boolean {
    return !this.#neighbours(slot).some(({ id }) => this.#atWork.has(id) || this.#ahead.has(id));
  }

  /** True where another slot must have the card for itself. */
  isCardTaken(slot: Slot): boolean {
    return this.#neighbours(slot).some(({ id }) => this.#atWork.get(id)?.wantsCardAlone);
  }

  #neighbours(slot: Slot): Slot[] {
    return this.#slots.filter((other) => other !== slot && other.gpu?.index === slot.gpu?.index);
  }
}
