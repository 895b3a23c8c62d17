import type { PageId } from '../model/page.ts';
import { gpuIndexOf, gpuName, type Slot } from '../model/slot.ts';
import type { Beside, LostWorker, OpenDecision } from './assignment.ts';
import { DeviceHealth } from './device-health.ts';
import type { PoolState } from './pool-state.ts';
import type { UsableDevice } from './retry-policy.ts';
import { type FailedStart, SlotStarts } from './slot-starts.ts';

/** Strikes before a device is benched that never finished a page: a program that gets its pages with its start may die of one. */
const STRIKES_AT_FIRST = { page: 2, batch: 3 } as const;

/** Where pages are done, and how that is going. */
export interface Places {
  readonly pool: PoolState;
  readonly takes: 'page' | 'batch';
  /** True where a worker on another device has started. */
  readonly startsElsewhere: (slot: Slot) => boolean;
  /** True where another device works, or may still turn out to. */
  readonly othersWork: (gpu: number | null) => boolean;
  /** True where nobody is at work, and nobody has found anything to do. */
  readonly isStalled: () => boolean;
}

/** Which slots and devices get work, and which are retired or disabled. */
export class DevicesAndSlots {
  readonly health: DeviceHealth;
  readonly #places: Places;
  readonly #starts = new SlotStarts();
  #gone: Slot[] = [];
  #hasWorked = false;

  constructor(places: Places) {
    this.#places = places;
    this.health = new DeviceHealth(STRIKES_AT_FIRST[places.takes]);
  }

  /** Devices that a page may be tried on again: where some have finished a page those alone, as long as they find any. */
  get usable(): readonly UsableDevice[] {
    const { pool, isStalled } = this.#places;
    const proven = pool.devices.filter(({ gpu }) => this.health.hasFinished(gpu));
    return proven.length > 0 && !isStalled() ? proven : pool.devices;
  }

  /** True where the device has to wait for what others say of the pages that it failed. */
  isHeld(gpu: number | null): boolean {
    // Nobody knows yet whether it is the device's fault, or nothing works anywhere.
    if (this.health.hasStruckOut(gpu)) return true;
    return this.health.isDoubtful(gpu) && this.#places.othersWork(gpu);
  }

  /** A page is done on the slot. */
  pageDone(slot: Slot, page: PageId, out: OpenDecision): void {
    this.#starts.worked(slot);
    this.health.finished(gpuIndexOf(slot), page);
    this.#hasWorked = true;
    this.benchStruckOut(out);
  }

  /** A worker did not start: what that says. */
  startFailed(slot: Slot, lost: LostWorker, beside: Beside, out: OpenDecision): FailedStart {
    const { pool } = this.#places;
    const gpu = gpuIndexOf(slot);
    const start = this.#starts.failed(slot, lost.lastWords, beside);
    this.health.startFailed(gpu, lost.lastWords);
    // The last slot of a device stays: the worker that was beside it is about to end.
    if (start.by === 'no-room' && pool.on(gpu).length > 1) {
      this.retire(slot);
      const why = `${pool.on(gpu).length} of ${pool.everOn(gpu)} workers fit on ${gpuName(gpu)}`;
      out.retired.push({ slot, why });
    }
    return start;
  }

  /** The words of all starts, where no page was ever done and every slot's fail with the same. */
  get wordsOfStarts(): string | undefined {
    const slots = this.#places.pool.slots.map(({ id }) => id);
    return this.#hasWorked || slots.length === 0 ? undefined : this.#starts.sameWords(slots);
  }

  /** No worker starts on the slot's device, which may be its fault. */
  strike(slot: Slot, out: OpenDecision): void {
    this.health.strike(gpuIndexOf(slot), 'start');
    if (this.#hasWorked || this.#places.startsElsewhere(slot)) this.benchStruckOut(out);
  }

  /** The devices that get no work: those that were benched, and those that would be if others worked. */
  get struckOut(): readonly (number | null)[] {
    const out = this.#places.pool.devices.filter(({ gpu }) => this.health.hasStruckOut(gpu));
    return [...this.health.benched, ...out.map(({ gpu }) => gpu)];
  }

  /** True where some device has not struck out. */
  get isAnyLeft(): boolean {
    return this.#places.pool.devices.some(({ gpu }) => !this.health.hasStruckOut(gpu));
  }

  /** Others work, or are to have what was meant for it: devices that have struck out get no more. */
  benchStruckOut(out: OpenDecision): void {
    for (const { gpu } of this.#places.pool.devices) {
      if (this.health.hasStruckOut(gpu)) this.bench(gpu, this.health.whyStruckOut(gpu), out);
    }
  }

  /** Takes a device out immediately, for a reason of its own. */
  bench(gpu: number | null, why: string, out: OpenDecision): void {
    if (!this.health.bench(gpu)) return;
    for (const slot of this.#places.pool.on(gpu)) this.retire(slot);
    out.benched.push({ gpu, why });
  }

  /** The slot takes no more. False where it was gone already. */
  retire(slot: Slot): boolean {
    if (!this.#places.pool.retire(slot)) return false;
    this.#gone.push(slot);
    return true;
  }

  /** The slots that are gone since the last time. */
  takeGone(): readonly Slot[] {
    const gone = this.#gone;
    this.#gone = [];
    return gone;
  }
}
