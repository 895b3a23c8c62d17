import type { Page, PageId } from '../model/page.ts';
import type { FailedPage } from './assignment.ts';
import { type Failure, type NextTry, nextTry, type UsableDevice } from './retry-policy.ts';

/** So many pages that find no room tell of those that are as large: one alone may have another reason. */
const ENOUGH_TOO_LARGE = 2;

/** A failure that says nothing but that the page has no good output. */
const SOME_ERROR: Omit<Failure, 'gpu'> = {
  reason: 'error',
  message: '',
  hadDeviceAlone: true,
  isFresh: false,
  brokeProcess: false,
};

/** A page that may run now, and how. */
export interface IsolatedPage {
  readonly page: Page;
  /** While the device has no other worker. */
  readonly alone: boolean;
  /** In a process that has done nothing before. */
  readonly fresh: boolean;
}

/** Pages that wait for a run of their own, because they are under suspicion or failed before, and what they met so far. */
export class IsolationQueue {
  readonly #retries: number;
  readonly #costOf: (page: PageId) => number;
  readonly #waiting = new Map<PageId, Page>();
  readonly #failures = new Map<PageId, readonly Failure[]>();
  /** Costs of the pages that a device had no memory for, alone and in a fresh process. */
  readonly #tooLarge = new Map<number | null, Map<PageId, number>>();
  /** Something was learned since that may leave a page without any device. */
  #mayBeStranded = false;

  /** @param costOf predicted cost of a page: of those that were out of memory the smallest goes first */
  constructor(retries: number, costOf: (page: PageId) => number = () => 1) {
    this.#retries = retries;
    this.#costOf = costOf;
  }

  get size(): number {
    return this.#waiting.size;
  }

  /** The page runs alone from now on. */
  add(page: Page): void {
    this.#waiting.set(page.id, page);
  }

  has(page: PageId): boolean {
    return this.#waiting.has(page);
  }

  /** The first page that may run on this device now; it stays in the queue. `isFree`: nobody else works on the device. */
  first(
    gpu: number | null,
    devices: readonly UsableDevice[],
    { isFree }: { readonly isFree: boolean },
  ): IsolatedPage | undefined {
    let smallest: (IsolatedPage & { readonly cost: number }) | undefined;
    for (const page of this.#waiting.values()) {
      const next = this.#next(page.id, devices);
      if (!next.again || !next.on.includes(gpu) || (next.alone && !isFree)) continue;
      const { alone, fresh } = next;
      if (!alone) return { page, alone, fresh };
      const cost = this.#costOf(page.id);
      if (smallest === undefined || cost < smallest.cost) smallest = { page, alone, fresh, cost };
    }
    return smallest && { page: smallest.page, alone: smallest.alone, fresh: smallest.fresh };
  }

  /** Takes a page out; undefined where it doesn't wait here. */
  take(id: PageId): Page | undefined {
    const page = this.#waiting.get(id);
    this.#waiting.delete(id);
    return page;
  }

  /** The page failed once more. `again`: it waits for another try. */
  failed(
    page: Page,
    failure: Failure,
    devices: readonly UsableDevice[],
  ): { again: boolean; failed: FailedPage } {
    this.note(page.id, failure);
    const { reason, message } = failure;
    const { again } = this.#next(page.id, devices);
    if (again) this.#waiting.set(page.id, page);
    return { again, failed: { page, reason, message, attempts: this.#failuresOf(page.id).length } };
  }

  /** A try of the page that counts; what becomes of the page is decided elsewhere. */
  note(page: PageId, failure: Failure): void {
    const { gpu, reason, hadDeviceAlone, isFresh } = failure;
    if (reason === 'oom' && hadDeviceAlone && isFresh) {
      const tooLarge = this.#tooLarge.get(gpu) ?? new Map<PageId, number>();
      this.#tooLarge.set(gpu, tooLarge.set(page, this.#costOf(page)));
      this.#mayBeStranded = true;
    }
    this.#failures.set(page, [...this.#failuresOf(page), failure]);
  }

  /** The page is done or has failed: forget what is known of it. */
  forget(page: PageId): void {
    this.#failures.delete(page);
    this.#waiting.delete(page);
  }

  /** What happened on this device is held against no page any more. */
  takeBack(gpu: number | null): void {
    for (const [page, failures] of this.#failures) {
      this.#failures.set(
        page,
        failures.filter((failure) => failure.gpu !== gpu),
      );
    }
  }

  /** Which try of a page comes next, from 1. */
  attemptOf(page: PageId): number {
    return this.#failuresOf(page).length + 1;
  }

  /** True where a page would get no other try after an error on this device. */
  isLastTry(page: PageId, gpu: number | null, pool: { readonly devices: readonly UsableDevice[] }): boolean {
    const failures = this.#failuresOf(page);
    // Nearly always: it is asked for every page.
    if (failures.length === 0) return this.#retries === 0;
    return !nextTry([...failures, { ...SOME_ERROR, gpu }], this.#retries, pool.devices).again;
  }

  /** A device is gone: pages may have been bound to it. */
  lostDevice(): void {
    this.#mayBeStranded = true;
  }

  get mayHaveStranded(): boolean {
    return this.#mayBeStranded;
  }

  /** Takes out the pages that no device is left for, each as the failure that it is. */
  takeStranded(devices: readonly UsableDevice[]): FailedPage[] {
    if (!this.#mayBeStranded) return [];
    this.#mayBeStranded = false;
    const stranded = [...this.#waiting.values()].filter(({ id }) => !this.#next(id, devices).again);
    for (const { id } of stranded) this.#waiting.delete(id);
    return stranded.map((page) => {
      const failures = this.#failuresOf(page.id);
      const last = failures.at(-1);
      return {
        page,
        reason: last?.reason ?? 'not-tried',
        message: last?.message ?? 'no usable GPU was left for it',
        attempts: failures.length,
      };
    });
  }

  #next(page: PageId, devices: readonly UsableDevice[]): NextTry {
    const next = nextTry(this.#failuresOf(page), this.#retries, devices);
    if (!next.again || !next.fresh) return next;
    // A page that is no smaller than some that found no room in a fresh process would find none either.
    const on = next.on.filter((gpu) => !this.#isTooLarge(page, gpu));
    return on.length > 0 ? { ...next, on } : { again: false };
  }

  #isTooLarge(page: PageId, gpu: number | null): boolean {
    const cost = this.#costOf(page);
    const smaller = [...(this.#tooLarge.get(gpu)?.values() ?? [])].filter((other) => other <= cost);
    return smaller.length >= ENOUGH_TOO_LARGE;
  }

  #failuresOf(page: PageId): readonly Failure[] {
    return this.#failures.get(page) ?? [];
  }
}
