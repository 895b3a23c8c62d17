import type { Page, PageId } from '../model/page.ts';
import type { FailedPage } from './assignment.ts';

interface Undecided {
  readonly failed: FailedPage;
  /** Where it failed last. */
  readonly gpu: number | null;
}

/** Pages with no more tries, as long as it may turn out that something else was to blame. */
export class UndecidedPages {
  #pages: readonly Undecided[] = [];

  get isEmpty(): boolean {
    return this.#pages.length === 0;
  }

  has(id: PageId): boolean {
    return this.#pages.some(({ failed }) => failed.page.id === id);
  }

  add(failed: FailedPage, gpu: number | null): void {
    this.#pages = [...this.#pages, { failed, gpu }];
  }

  /** Where each failed last. */
  get all(): readonly { readonly page: PageId; readonly gpu: number | null }[] {
    return this.#pages.map(({ failed, gpu }) => ({ page: failed.page.id, gpu }));
  }

  /** The page gets another try after all; undefined where it isn't here. */
  take(id: PageId): Page | undefined {
    return this.#takeWhere(({ failed }) => failed.page.id === id)[0]?.page;
  }

  /** The pages that failed last on this device. */
  takeFrom(gpu: number | null): readonly Page[] {
    return this.#takeWhere((undecided) => undecided.gpu === gpu).map(({ page }) => page);
  }

  /** The pages that have failed for good: those about which nothing is open. */
  takeDecided(isOpen: (page: PageId, gpu: number | null) => boolean): readonly FailedPage[] {
    return this.#takeWhere(({ failed, gpu }) => !isOpen(failed.page.id, gpu));
  }

  #takeWhere(isTaken: (undecided: Undecided) => boolean): FailedPage[] {
    const taken = this.#pages.filter(isTaken);
    if (taken.length > 0) this.#pages = this.#pages.filter((undecided) => !taken.includes(undecided));
    return taken.map(({ failed }) => failed);
  }
}
