import type { Slot, SlotId } from '../model/slot.ts';
import type { Beside } from './assignment.ts';

/** A worker that loads its models. */
interface Load {
  readonly slot: Slot;
  /** Another one was loading meanwhile. */
  besideOthers: boolean;
}

/**
 * Who may load models now, and which workers there are. The workers of a GPU load one after the other. All do so where models
 * have to be downloaded first, as two that do that at once spoil each other's files, after a start that failed while others
 * were loading, as together they may not fit, and while main memory is short: each machine for itself.
 */
export class LoadGate {
  readonly #loads = new Map<SlotId, Load>();
  readonly #alive = new Map<SlotId, Slot>();
  #onChange = (): void => {};
  /** Until a first page is done on a machine, nobody but this slot loads there. */
  readonly #first = new Map<string, SlotId>();
  readonly #needsFirst: boolean;
  /** Machines where a page was done. */
  readonly #proven = new Set<string>();
  readonly #inTurnOnDevice: boolean;
  readonly #isShortFor: (loads: number) => boolean;
  /** Machines whose workers load one after the other. */
  readonly #inTurn = new Set<string>();
  #waiting: (() => void)[] = [];

  /**
   * @param needsFirst one worker has to go first on each machine: what it downloads would be downloaded by all at once
   * @param inTurnOnDevice workers tell when they have loaded: those of one GPU do so one after the other
   * @param isShortFor true where main memory has no room for so many workers that load at the same time
   */
  constructor({
    needsFirst,
    inTurnOnDevice,
    isShortFor = () => false,
  }: {
    readonly needsFirst: boolean;
    readonly inTurnOnDevice: boolean;
    readonly isShortFor?: (loads: number) => boolean;
  }) {
    this.#needsFirst = needsFirst;
    this.#inTurnOnDevice = inTurnOnDevice;
    this.#isShortFor = isShortFor;
  }

  /** Told when a worker is gone. */
  onChange(listener: () => void): void {
    this.#onChange = listener;
  }

  /** Settles when the slot may start its worker. */
  async enter(slot: Slot): Promise<void> {
    while (!this.#mayLoad(slot)) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    if (this.#isUnproven(slot)) this.#first.set(machineOf(slot), slot.id);
    const others = this.#loadsOn(slot);
    const load = { slot, besideOthers: others.length > 0 };
    for (const other of others) other.besideOthers = true;
    this.#loads.set(slot.id, load);
    this.#alive.set(slot.id, slot);
  }

  /** The slot's worker has loaded its models. */
  ready(slot: Slot): void {
    if (this.#loads.delete(slot.id)) this.#wakeAll();
  }

  /** A page is done: what had to be downloaded is there, on that machine. */
  pageDone(slot: Slot): void {
    if (!this.#isUnproven(slot)) return;
    this.#proven.add(machineOf(slot));
    this.#first.delete(machineOf(slot));
    this.#wakeAll();
  }

  /** The slot has nothing to do: where one has to go first, another may. */
  rest(slot: Slot): void {
    if (this.#first.get(machineOf(slot)) !== slot.id) return;
    this.#first.delete(machineOf(slot));
    this.#wakeAll();
  }

  /** The slot's worker is gone; returns who was beside it where it had not loaded yet. */
  gone(slot: Slot): Beside | undefined {
    const load = this.#loads.get(slot.id);
    this.#loads.delete(slot.id);
    this.#alive.delete(slot.id);
    const ready = [...this.#alive.values()].filter(({ id }) => !this.#loads.has(id));
    const ofDevice = ready.some((other) => isSameDevice(other, slot));
    const beside = load && { ofDevice, loading: load.besideOthers };
    if (beside?.loading) this.#inTurn.add(machineOf(slot));
    this.rest(slot);
    this.#wakeAll();
    this.#onChange();
    return beside;
  }

  /** True where some worker has loaded its models: that can be done. */
  get isAnyReady(): boolean {
    return this.#alive.size > this.#loads.size;
  }

  /** True where a worker on another device has loaded its models: that can be done. */
  isReadyElsewhere(slot: Slot): boolean {
    return [...this.#alive.values()].some(
      (other) => !isSameDevice(other, slot) && !this.#loads.has(other.id),
    );
  }

  isAlive(slot: Slot): boolean {
    return this.#alive.has(slot.id);
  }

  /** True where another slot of the same device has a worker. */
  isOccupied(slot: Slot): boolean {
    return [...this.#alive.values()].some((other) => other.id !== slot.id && isSameDevice(other, slot));
  }

  /** Loading together is no harm after all. */
  loadTogether(): void {
    this.#inTurn.clear();
    this.#wakeAll();
  }

  #mayLoad(slot: Slot): boolean {
    const first = this.#first.get(machineOf(slot));
    if (first !== undefined && first !== slot.id) return false;
    const loads = this.#loadsOn(slot);
    if (this.#inTurn.has(machineOf(slot))) return loads.length === 0;
    if (loads.length > 0 && this.#isShortFor(loads.length + 1)) return false;
    // On the CPU all share one memory anyway, and loads there are short.
    if (!this.#inTurnOnDevice || slot.gpu === null) return true;
    return !loads.some((load) => isSameDevice(load.slot, slot));
  }

  /** The loads that go on on the slot's machine: those on others share nothing with it. */
  #loadsOn(slot: Slot): Load[] {
    return [...this.#loads.values()].filter((load) => machineOf(load.slot) === machineOf(slot));
  }

  #isUnproven(slot: Slot): boolean {
    return this.#needsFirst && !this.#proven.has(machineOf(slot));
  }

  #wakeAll(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }
}

const machineOf = ({ gpu }: Slot): string => gpu?.node ?? '';

const isSameDevice = (one: Slot, other: Slot): boolean => one.gpu?.index === other.gpu?.index;
