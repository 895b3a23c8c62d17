import type { PageId } from '../model/page.ts';

/** Strikes before a device is benched that has finished pages. */
const STRIKES_LATER = 3;
/** First pages that may fail before another device is asked about them. */
const FIRST_FAILURES = 2;
/** Pages that may fail in a process that has done nothing else. */
const FRESH_FAILURES = 2;

interface Health {
  /** Pages that it finished. */
  done: number;
  strikes: number;
  /** Pages that failed since a page finished here or the device was cleared. */
  failed: PageId[];
  /** Pages that failed from the first one on that did so in a fresh process. */
  readonly fresh: Set<PageId>;
  benched: boolean;
  /** Workers in a row that did not start, since a page was finished. */
  failedStarts: number;
  /** Its strikes for pages; the others are for starts. */
  pageStrikes: number;
  /** What the worker said that it lost last. */
  lastWords: string | undefined;
}

/** Keeps count of what fails on which device: who takes no page for now, and who is disabled. Pure bookkeeping. */
export class DeviceHealth {
  readonly #strikesAtFirst: number;
  readonly #devices = new Map<number | null, Health>();
  /** Where a page failed, and how many pages the device had finished then. */
  readonly #failedOn = new Map<PageId, Map<number | null, number>>();

  /** @param strikesAtFirst strikes before a device is benched that never finished a page */
  constructor(strikesAtFirst: number) {
    this.#strikesAtFirst = strikesAtFirst;
  }

  isBenched(gpu: number | null): boolean {
    return this.#of(gpu).benched;
  }

  hasFinished(gpu: number | null): boolean {
    return this.#of(gpu).done > 0;
  }

  /** A page failed here, as one that may be good elsewhere. */
  failed(gpu: number | null, page: PageId, { words, isFresh }: { words: string; isFresh: boolean }): void {
    const health = this.#of(gpu);
    health.lastWords = words;
    // The page is to blame on both, and on neither device.
    const elsewhere = [...(this.#failedOn.get(page)?.keys() ?? [])].filter((other) => other !== gpu);
    if (elsewhere.length > 0 && health.done > 0) {
      for (const other of elsewhere) this.#clear(other);
      this.#failedOn.delete(page);
      return;
    }
    if (!health.failed.includes(page)) health.failed.push(page);
    if (isFresh || health.fresh.size > 0) health.fresh.add(page);
    const devices = this.#failedOn.get(page) ?? new Map<number | null, number>();
    this.#failedOn.set(page, devices.set(gpu, health.done));
  }

  /** A page finished here. Returns the devices that have a strike for it: they failed it, and finished none since. */
  finished(gpu: number | null, page: PageId): (number | null)[] {
    const failedOn = this.#failedOn.get(page) ?? [];
    this.#failedOn.delete(page);
    const health = this.#of(gpu);
    health.done += 1;
    health.strikes = 0;
    health.failedStarts = 0;
    health.pageStrikes = 0;
    this.#clear(gpu);
    const blamed = [...failedOn].flatMap(([other, done]) =>
      other !== gpu && done === this.#of(other).done ? [other] : [],
    );
    for (const other of blamed) this.strike(other, 'page');
    return blamed;
  }

  /** Something that others can do failed here: a worker's start, or a page. */
  strike(gpu: number | null, what: 'start' | 'page'): void {
    const health = this.#of(gpu);
    health.strikes += 1;
    if (what === 'page') health.pageStrikes += 1;
    this.#clear(gpu);
  }

  /** True where the strikes are enough to give the device up. */
  hasStruckOut(gpu: number | null): boolean {
    const { strikes, done } = this.#of(gpu);
    return strikes >= (done === 0 ? this.#strikesAtFirst : STRIKES_LATER);
  }

  /** Takes a device out. False where it was out already. */
  bench(gpu: number | null): boolean {
    const health = this.#of(gpu);
    const isNew = !health.benched;
    health.benched = true;
    return isNew;
  }

  /** The devices that are out. */
  get benched(): (number | null)[] {
    return [...this.#devices].flatMap(([gpu, { benched }]) => (benched ? [gpu] : []));
  }

  /** True for a device on which nothing but failures came lately: where others work, it is to wait for what these say. */
  isDoubtful(gpu: number | null): boolean {
    const { done, strikes, failed, fresh } = this.#of(gpu);
    if (strikes > 0) return failed.length > 0;
    return (done === 0 && failed.length >= FIRST_FAILURES) || fresh.size >= FRESH_FAILURES;
  }

  /** The pages that another device is to be asked about, those of doubtful devices, the first of each. */
  pagesInDoubt(): { readonly page: PageId; readonly gpu: number | null }[] {
    return [...this.#devices].flatMap(([gpu, { failed, benched }]) => {
      const [page] = failed;
      return page !== undefined && !benched && this.isDoubtful(gpu) ? [{ page, gpu }] : [];
    });
  }

  /** True where the page failed here, and no page went well here since. */
  isOpen(page: PageId, gpu: number | null): boolean {
    return this.#failedOn.get(page)?.get(gpu) === this.#of(gpu).done;
  }

  /** The page is done or has failed: no other device needs to try it. */
  forget(page: PageId): void {
    for (const health of this.#devices.values()) {
      health.failed = health.failed.filter((other) => other !== page);
    }
    this.#failedOn.delete(page);
  }

  /** Why the device has struck out, with its last words. */
  whyStruckOut(gpu: number | null): string {
    const { pageStrikes, failedStarts, lastWords } = this.#of(gpu);
    const why =
      pageStrikes === 0
        ? `${failedStarts} workers in a row finished no page.`
        : 'Pages that failed on it were finished on another GPU.';
    return lastWords === undefined ? why : `${why} Last output: ${lastWords}`;
  }

  /** What the worker said that this device lost last. */
  lastWordsOn(gpu: number | null): string | undefined {
    return this.#of(gpu).lastWords;
  }

  /** A worker did not start here. */
  startFailed(gpu: number | null, words: string): void {
    const health = this.#of(gpu);
    health.failedStarts += 1;
    health.lastWords = words;
  }

  #clear(gpu: number | null): void {
    const health = this.#of(gpu);
    health.failed = [];
    health.fresh.clear();
  }

  #of(gpu: number | null): Health {
    const known = this.#devices.get(gpu);
    if (known) return known;
    const health: Health = {
      done: 0,
      strikes: 0,
      failed: [],
      fresh: new Set(),
      benched: false,
      failedStarts: 0,
      pageStrikes: 0,
      lastWords: undefined,
    };
    this.#devices.set(gpu, health);
    return health;
  }
}
