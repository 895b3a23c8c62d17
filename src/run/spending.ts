import type { Emit } from '../model/events.ts';
import type { PageId } from '../model/page.ts';

/** Pages without a cost after which nobody expects one any more. */
const ENOUGH_PAGES = 10;

/** Costs are sums of small parts: digits beyond these are rounding. */
const rounded = (cost: number): number => Number(cost.toPrecision(12));

/** What workers say that pages cost, in this run. */
export class Spending {
  readonly #most: number;
  readonly #onReached: () => void;
  readonly #emit: Emit;
  /** Of pages that have no outcome yet: all of their tries. */
  readonly #open = new Map<PageId, number>();
  #total = 0;
  #pagesWithout = 0;

  /** @param onReached told once costs have come to `most` */
  constructor({
    most = Number.POSITIVE_INFINITY,
    onReached,
    emit,
  }: {
    readonly most?: number | undefined;
    readonly onReached: () => void;
    readonly emit: Emit;
  }) {
    this.#most = most;
    this.#onReached = onReached;
    this.#emit = emit;
  }

  /** All of it, failed tries included. */
  get total(): number {
    return rounded(this.#total);
  }

  /** A worker has done a page and says what that cost, or nothing of it. */
  paid(page: PageId, cost: number | undefined): void {
    if (cost === undefined) {
      this.#without();
      return;
    }
    this.#open.set(page, (this.#open.get(page) ?? 0) + cost);
    const before = this.#total;
    this.#total += cost;
    if (before < this.#most && this.#total >= this.#most) this.#onReached();
  }

  /** What a page has cost that has its outcome now; undefined where nothing was said of it. */
  readonly takeOf = (page: PageId): number | undefined => {
    const cost = this.#open.get(page);
    this.#open.delete(page);
    return cost === undefined ? undefined : rounded(cost);
  };

  #without(): void {
    this.#pagesWithout += 1;
    if (this.#pagesWithout !== ENOUGH_PAGES || this.#total > 0 || this.#most === Number.POSITIVE_INFINITY)
      return;
    const text =
      'The worker reports no costs: --max-cost has no effect. It may add "cost" to its "done" lines.';
    this.#emit({ type: 'notice', level: 'warn', text });
  }
}
