import type { PageId } from '../model/page.ts';
import type { SlotId } from '../model/slot.ts';
import { withoutParticulars } from '../workers/last-words.ts';

/** Workers in a row that may end before they are ready, or on a page that others can do, before a GPU is benched. */
const STRIKES = 3;
const FEWEST_LOSSES = 3;
/** So many times more pages have to end the same way before nothing seems to work where something has. */
const DOUBT = 4;

/** A worker that ended with pages undone and none finished. */
export interface Loss {
  readonly slot: SlotId;
  readonly gpu: number | null;
  /** The page it was on; undefined where it ended before any. */
  readonly page: PageId | undefined;
  readonly lastWords: string;
  /** The page was taken out of turn, from among the others that wait. */
  readonly isSample?: boolean;
}

/** Keeps count of lost workers: which GPU is to be benched, and whether anything works anywhere. Pure bookkeeping. */
export class DeviceHealth {
  readonly #slots: readonly SlotId[];
  readonly #strikes = new Map<number | null, number>();
  /** Pages finished by each GPU: in a row means with none in between. */
  readonly #pagesDone = new Map<number | null, number>();
  /** Who lost a worker on a page, and how many pages that GPU had finished then. */
  readonly #lostOn = new Map<PageId, Map<number | null, number>>();
  readonly #losses: Loss[] = [];
  readonly #benched = new Set<number | null>();
  /** What the worker said that a GPU lost last, or why else it was benched. */
  readonly #lastWords = new Map<number | null, string>();
  #finishedAny = false;

  constructor(slots: readonly SlotId[]) {
    this.#slots = slots;
  }

  isBenched(gpu: number | null): boolean {
    return this.#benched.has(gpu);
  }

  /** A page finished here. Returns the GPUs that are to be benched because they lost workers on this very page. */
  finished(gpu: number | null, page: PageId): (number | null)[] {
    this.#finishedAny = true;
    this.#losses.length = 0;
    this.#strikes.delete(gpu);
    this.#pagesDone.set(gpu, this.#doneBy(gpu) + 1);
    const lost = this.#lostOn.get(page) ?? [];
    this.#lostOn.delete(page);
    const blamed = [...lost].filter(([other, done]) => other !== gpu && done === this.#doneBy(other));
    return blamed.map(([other]) => other).filter((other) => this.strike(other));
  }

  /**
   * A worker of this GPU ended before it was ready, or on a page that then finished elsewhere. True: it is benched now.
   * One that is spared has its strikes and goes on.
   */
  strike(gpu: number | null, { isSpared = false } = {}): boolean {
    this.#strikes.set(gpu, (this.#strikes.get(gpu) ?? 0) + 1);
    return this.hasStruckOut(gpu) && !isSpared && this.bench(gpu);
  }

  /** True for a GPU that is benched for its strikes, or would be if it were not spared. */
  hasStruckOut(gpu: number | null): boolean {
    return (this.#strikes.get(gpu) ?? 0) >= STRIKES;
  }

  /** Takes a GPU out; `why` is told as its worker's last words. False where it was out already. */
  bench(gpu: number | null, why?: string): boolean {
    if (this.#benched.has(gpu)) return false;
    if (why !== undefined) this.#lastWords.set(gpu, why);
    this.#benched.add(gpu);
    return true;
  }

  /** A worker ended without having finished a page. */
  lost(loss: Loss): void {
    if (!this.#finishedAny) this.#losses.push(loss);
    this.#lastWords.set(loss.gpu, loss.lastWords);
    if (loss.page !== undefined) this.blame(loss, loss.page);
  }

  /** The GPU lost a worker while this page ran alone: a strike against it once the page finishes elsewhere. */
  blame({ gpu, lastWords }: Pick<Loss, 'gpu' | 'lastWords'>, page: PageId): void {
    this.#lastWords.set(gpu, lastWords);
    const gpus = this.#lostOn.get(page) ?? new Map<number | null, number>();
    this.#lostOn.set(page, gpus.set(gpu, this.#doneBy(gpu)));
  }

  /** What the worker said that this GPU lost last, or why else it was benched; undefined where it lost none. */
  lastWordsOn(gpu: number | null): string | undefined {
    return this.#lastWords.get(gpu);
  }

  /**
   * The last words of all lost workers, where nothing seems to work anywhere: no page finished, every slot has lost a
   * worker, `max(3, slots)` in all, on different pages or before any, with the same last words. Undefined otherwise, and
   * as long as a sample is still to tell: pages that lie together may be bad together. `hasWorked`: in an earlier run.
   */
  sameWordsEverywhere({
    maySample,
    hasWorked,
  }: {
    maySample: boolean;
    hasWorked: boolean;
  }): string | undefined {
    const blamesPages = this.#losses.every(({ page }) => page !== undefined);
    if (this.#evidence < this.#enough * (hasWorked && blamesPages ? DOUBT : 1)) return undefined;
    const slots = new Set(this.#losses.map(({ slot }) => slot));
    if (this.#slots.some((slot) => !slots.has(slot))) return undefined;
    const isTold = this.#losses.some(({ page, isSample }) => page === undefined || isSample);
    return isTold || !maySample ? this.sameWordsSoFar : undefined;
  }

  /** True where one more loss may be the end, and a page from elsewhere should have its say. */
  get wantsSample(): boolean {
    return this.#evidence >= this.#enough - 1 && this.sameWordsSoFar !== undefined;
  }

  /** The last words of all lost workers, where no page finished and they are the same. Undefined otherwise. */
  get sameWordsSoFar(): string | undefined {
    const [first] = this.#losses;
    if (this.#finishedAny || !first) return undefined;
    const words = withoutParticulars(first.lastWords);
    if (this.#losses.some(({ lastWords }) => withoutParticulars(lastWords) !== words)) return undefined;
    return this.#losses.at(-1)?.lastWords;
  }

  get #enough(): number {
    return Math.max(FEWEST_LOSSES, this.#slots.length);
  }

  /** Workers lost before any page, and pages on which one was. */
  get #evidence(): number {
    const pages = this.#losses.flatMap(({ page }) => page ?? []);
    return this.#losses.length - pages.length + new Set(pages).size;
  }

  #doneBy(gpu: number | null): number {
    return this.#pagesDone.get(gpu) ?? 0;
  }
}
