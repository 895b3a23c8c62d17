import type { FailedPage } from '../../src/dispatch/assignment.ts';
import { gpuIndexOf, type Slot, type SlotId } from '../../src/model/slot.ts';
import type { SimulatedClock } from './simulated-clock.ts';

/** What happened in a simulated run. */
export class Story {
  /** Processes that were started. */
  loads = 0;
  /** Tries that did not count to the end, and were made again. */
  retried = 0;
  /** Worker seconds that controls took: pages tried at once in a fresh process. */
  controlSeconds = 0;
  controls = 0;
  /** Why the run stopped, in words. */
  hopeless: string | undefined;
  readonly benched = new Map<number, string>();
  readonly retired = new Map<SlotId, string>();
  readonly #pages: number;
  readonly #slots: number;
  readonly #clock: SimulatedClock;
  readonly #good = new Set<number>();
  readonly #failed = new Map<number, FailedPage>();
  readonly #handed: { readonly page: number; readonly slot: Slot; readonly seconds: number }[] = [];
  readonly #times = new Map<number, number>();
  readonly #refused: { readonly slot: SlotId; readonly seconds: number }[] = [];
  #seconds = 0;

  constructor(pages: number, slots: number, clock: SimulatedClock) {
    this.#pages = pages;
    this.#slots = slots;
    this.#clock = clock;
  }

  /** A process has a page now; returns how often one had it so far. */
  handed(slot: Slot, page: number): number {
    this.#handed.push({ slot, page, seconds: this.#clock.seconds });
    const times = (this.#times.get(page) ?? 0) + 1;
    this.#times.set(page, times);
    return times;
  }

  done(page: number): void {
    if (this.#good.has(page) || this.#failed.has(page)) throw new Error(`page ${page} is done twice`);
    this.#good.add(page);
  }

  failed(page: number, how: FailedPage): void {
    if (this.#good.has(page) || this.#failed.has(page)) throw new Error(`page ${page} is told of twice`);
    this.#failed.set(page, how);
  }

  refused({ id }: Slot): void {
    this.#refused.push({ slot: id, seconds: this.#clock.seconds });
  }

  end(): void {
    this.#seconds = this.#clock.seconds;
  }

  get good(): number {
    return this.#good.size;
  }

  get goodPages(): ReadonlySet<number> {
    return this.#good;
  }

  get failedPages(): readonly number[] {
    return [...this.#failed.keys()].sort((a, b) => a - b);
  }

  failureOf(page: number): FailedPage | undefined {
    return this.#failed.get(page);
  }

  get left(): number {
    return this.#pages - this.#good.size - this.#failed.size;
  }

  get seconds(): number {
    return this.#seconds;
  }

  /** As the program would end. */
  get exit(): 0 | 1 | 3 {
    if (this.hopeless !== undefined) return 3;
    return this.#failed.size > 0 || this.left > 0 ? 1 : 0;
  }

  /** Pages that processes had. */
  get asked(): number {
    return this.#handed.length;
  }

  /** When processes had pages, in seconds. */
  get askedAt(): readonly number[] {
    return this.#handed.map(({ seconds }) => seconds);
  }

  askedOn(...gpus: readonly number[]): number {
    return this.#handed.filter(({ slot }) => gpus.includes(gpuIndexOf(slot) ?? -1)).length;
  }

  timesOf(page: number): number {
    return this.#times.get(page) ?? 0;
  }

  get workerSeconds(): number {
    return this.#seconds * this.#slots;
  }

  /** When a service refused pages of slots that it had refused before, in seconds. */
  get refusedAgainAt(): readonly number[] {
    const seen = new Set<SlotId>();
    return this.#refused.flatMap(({ slot, seconds }) => {
      const isFirst = !seen.has(slot);
      seen.add(slot);
      return isFirst ? [] : [seconds];
    });
  }

  /** The figures of most tables. */
  get figures(): { good: number; failed: number; left: number; exit: number } {
    return { good: this.good, failed: this.#failed.size, left: this.left, exit: this.exit };
  }
}
