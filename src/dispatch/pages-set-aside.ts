import type { Page, PageId } from '../model/page.ts';
import { gpuIndexOf, type Slot, type SlotId } from '../model/slot.ts';
import type { OpenDecision } from './assignment.ts';
import type { DevicesAndSlots } from './devices-and-slots.ts';
import type { IsolationQueue } from './isolation-queue.ts';
import type { PoolState } from './pool-state.ts';
import { UndecidedPages } from './undecided-pages.ts';

/** Where pages wait, and for which slots and devices. */
interface PagesSetAsideSetup {
  readonly isolation: IsolationQueue;
  readonly pool: PoolState;
  readonly places: Pick<DevicesAndSlots, 'health' | 'isHeld'>;
}

/** A page, and the device that failed it. */
interface InDoubt {
  readonly page: PageId;
  readonly gpu: number | null;
}

/**
 * Pages that wait outside of the schedule because something failed: for a slot's next process, for a run of their own, or for the
 * verdict after their last try.
 */
export class PagesSetAside {
  readonly undecided = new UndecidedPages();
  readonly #isolation: IsolationQueue;
  readonly #pool: PoolState;
  readonly #places: PagesSetAsideSetup['places'];
  /** Pages that their slot tries next, before all others. */
  readonly #urgent = new Map<SlotId, Page>();

  constructor({ isolation, pool, places }: PagesSetAsideSetup) {
    this.#isolation = isolation;
    this.#pool = pool;
    this.#places = places;
  }

  /** Pages that get another try. */
  get waiting(): number {
    return this.#isolation.size + this.#urgent.size;
  }

  /** The page that the slot has to try before all others, in a fresh process. */
  takeUrgent(slot: Slot): Page | undefined {
    const page = this.#urgent.get(slot.id);
    this.#urgent.delete(slot.id);
    return page;
  }

  hasUrgent(slot: Slot): boolean {
    return this.#urgent.has(slot.id);
  }

  /** The slot tries this page next; where it has another one already, or is gone, the page waits for anybody. */
  putUrgent(slot: Slot, page: Page): void {
    if (this.#urgent.has(slot.id) || !this.#pool.has(slot)) this.#isolation.add(page);
    else this.#urgent.set(slot.id, page);
  }

  /** A page that a doubtful device failed, for a slot whose device may tell whether the page is to blame. */
  takePageInDoubt(slot: Slot): Page | undefined {
    return this.#takeFor(slot, this.#places.health.pagesInDoubt());
  }

  /** With nothing else to do: a page without another try that failed where nothing ever went well. */
  takeUnproven(slot: Slot): Page | undefined {
    return this.#takeFor(slot, this.#unproven);
  }

  /** True where a slot may still tell whether a page without another try is to blame: the run is not over before. */
  get hasPageToAsk(): boolean {
    if (this.undecided.isEmpty) return false;
    const inDoubt = this.#places.health.pagesInDoubt().filter(({ page }) => this.undecided.has(page));
    const asked = [...inDoubt, ...this.#unproven];
    return this.#pool.slots.some((slot) => {
      const own = gpuIndexOf(slot);
      return this.#mayTell(own) && !this.#places.isHeld(own) && asked.some(({ gpu }) => gpu !== own);
    });
  }

  /** Pages without another try, of devices that have shown nothing. */
  get #unproven(): readonly InDoubt[] {
    const { health } = this.#places;
    return this.undecided.all.filter(({ page, gpu }) => !health.hasFinished(gpu) && health.isOpen(page, gpu));
  }

  #takeFor(slot: Slot, pages: readonly InDoubt[]): Page | undefined {
    const own = gpuIndexOf(slot);
    if (!this.#mayTell(own)) return undefined;
    for (const { page, gpu } of pages) {
      const found = gpu === own ? undefined : (this.#isolation.take(page) ?? this.undecided.take(page));
      if (found) return found;
    }
    return undefined;
  }

  #mayTell(gpu: number | null): boolean {
    const { health } = this.#places;
    return health.hasFinished(gpu) && !health.isDoubtful(gpu);
  }

  /** Slots and devices are gone: what they were to try waits for others, and pages that nobody is left for have failed. */
  settleGone(gone: readonly Slot[], out: OpenDecision): void {
    if (gone.length > 0) this.#isolation.lostDevice();
    for (const slot of gone) {
      const urgent = this.takeUrgent(slot);
      if (urgent) this.#isolation.add(urgent);
    }
    for (const { gpu } of out.benched) {
      this.#isolation.takeBack(gpu);
      for (const page of this.undecided.takeFrom(gpu)) this.#isolation.add(page);
    }
    out.failed.push(...this.#isolation.takeStranded(this.#pool.devices));
  }
}
