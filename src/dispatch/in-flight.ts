import type { Page } from '../model/page.ts';
import type { Slot, SlotId } from '../model/slot.ts';
import type { WorkAssignment } from './assignment.ts';

/** Why a slot has the pages that it has. */
export interface Purpose {
  /** They waited for a run of their own; else they came from the schedule. */
  readonly isIsolated: boolean;
  /** Taken from far off, to tell whether nothing works or only the pages before. */
  readonly isFarOff: boolean;
  /** Nothing else may be at work on its device meanwhile. */
  readonly wantsDeviceAlone: boolean;
}

/** An assignment, and what is known of it while it lasts. */
export interface Held extends Purpose {
  readonly assignment: WorkAssignment;
  /** Pages that nobody has told of yet. */
  readonly open: Set<Page>;
  /** No other slot of its device has had a worker or been at work so far. */
  hadDeviceAlone: boolean;
}

/** A page that a slot has besides the one that it works on. */
interface Ahead {
  readonly page: Page;
  /** The worker has it: it can't be recalled. */
  readonly isSent: boolean;
}

/** Who works on which pages, and who shares a device with whom. */
export class InFlight {
  readonly #slots: () => readonly Slot[];
  readonly #atWork = new Map<SlotId, Held>();
  /** In the order in which the slot comes to them: what its worker has, then what it only holds. */
  readonly #ahead = new Map<SlotId, readonly Ahead[]>();

  constructor(slots: () => readonly Slot[]) {
    this.#slots = slots;
  }

  /** `isOccupied`: another slot of the device has a worker, at work or not. */
  begin(
    assignment: WorkAssignment,
    { isOccupied, ...purpose }: Purpose & { readonly isOccupied: boolean },
  ): void {
    const beside = this.#neighbours(assignment.slot).flatMap(({ id }) => this.#atWork.get(id) ?? []);
    for (const other of beside) other.hadDeviceAlone = false;
    this.#atWork.set(assignment.slot.id, {
      assignment,
      ...purpose,
      open: new Set(assignment.pages),
      hadDeviceAlone: beside.length === 0 && !isOccupied,
    });
  }

  of(slot: Slot): Held | undefined {
    return this.#atWork.get(slot.id);
  }

  end(slot: Slot): void {
    this.#atWork.delete(slot.id);
  }

  putAhead(slot: SlotId, ahead: Ahead): void {
    this.#ahead.set(slot, [...(this.#ahead.get(slot) ?? []), ahead]);
  }

  /** The page that the slot comes to next. */
  takeAhead(slot: SlotId): Page | undefined {
    const [first, ...rest] = this.#ahead.get(slot) ?? [];
    this.#setAhead(slot, rest);
    return first?.page;
  }

  /** The page that the slot's worker hasn't got yet. */
  takeHeld(slot: SlotId): Page | undefined {
    const ahead = this.#ahead.get(slot) ?? [];
    this.#setAhead(
      slot,
      ahead.filter(({ isSent }) => isSent),
    );
    return ahead.find(({ isSent }) => !isSent)?.page;
  }

  /** True where the slot's worker has a page besides the one that it works on. */
  hasSent(slot: Slot): boolean {
    return this.#ahead.get(slot.id)?.[0]?.isSent === true;
  }

  /** Slots that hold a page that their worker hasn't got yet. */
  get recallable(): SlotId[] {
    return [...this.#ahead].flatMap(([slot, ahead]) => (ahead.every(({ isSent }) => isSent) ? [] : [slot]));
  }

  #setAhead(slot: SlotId, ahead: readonly Ahead[]): void {
    if (ahead.length === 0) this.#ahead.delete(slot);
    else this.#ahead.set(slot, ahead);
  }

  /** True where somebody has something: pages may still come back. */
  get isBusy(): boolean {
    return this.#atWork.size + this.#ahead.size > 0;
  }

  /** The slots that work on something. */
  get busySlots(): Slot[] {
    return [...this.#atWork.values()].map(({ assignment }) => assignment.slot);
  }

  /** True where no other slot of the device works on anything: between two pages a slot has begun with the one ahead. */
  hasDeviceFree(slot: Slot): boolean {
    return !this.#neighbours(slot).some(({ id }) => this.#atWork.has(id) || this.#ahead.has(id));
  }

  /** True where another slot must have the device for itself. */
  isDeviceTaken(slot: Slot): boolean {
    return this.#neighbours(slot).some(({ id }) => this.#atWork.get(id)?.wantsDeviceAlone);
  }

  #neighbours(slot: Slot): Slot[] {
    return this.#slots().filter((other) => other.id !== slot.id && other.gpu?.index === slot.gpu?.index);
  }
}
