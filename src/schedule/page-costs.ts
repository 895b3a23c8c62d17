import type { Page, PageId } from '../model/page.ts';
import type { Inspector } from '../pages/inspector.ts';

/** Predicted cost of pages: their pixels, as far as they are known; a page whose size can't be read counts as an average one. */
export class PageCosts {
  readonly #pixels = new Map<PageId, number>();
  #sum = 0;

  /** Reads the pages' sizes from their headers. */
  async measure(pages: readonly Page[], inspector: Inspector): Promise<void> {
    const found = await inspector.probe(pages, { measure: true });
    for (const [index, page] of pages.entries()) {
      const inspection = found[index];
      if (!inspection?.ok || !inspection.size || this.#pixels.has(page.id)) continue;
      const pixels = inspection.size.width * inspection.size.height;
      this.#pixels.set(page.id, pixels);
      this.#sum += pixels;
    }
  }

  /** Undefined where they are not known. */
  readonly pixelsOf = (page: PageId): number | undefined => this.#pixels.get(page);

  readonly of = (page: PageId): number => this.#pixels.get(page) ?? (this.#sum / this.#pixels.size || 1);
}
