import type { PageId } from '../model/page.ts';
import type { SlotId } from '../model/slot.ts';
import { withoutParticulars } from '../workers/last-words.ts';

/** So many pages have to fail one like the other before nothing can go well: where nothing has yet, and in a row later. */
const FEWEST_AT_FIRST = 5;
const PAGES_A_SLOT_AT_FIRST = 2;
const FEWEST_LATER = 10;
const PAGES_A_SLOT_LATER = 4;
/** Of these, as many from elsewhere in what waits: pages that lie together may be bad together. */
const FEWEST_FAR_OFF = 3;
/** From where they are taken: the first quarter, the middle, the last quarter. */
const FAR_OFF_PLACES = [0.2, 0.5, 0.8];
/** So many times more where pages went well, and none is left to be taken from far off. */
const AT_THE_END = 2;
/** So many times more where earlier runs did good pages, and a failure costs no start. */
const DOUBT = 4;

/** A page that failed. */
export interface Witness {
  readonly slot: SlotId;
  readonly page: PageId;
  readonly message: string;
  /** It was taken from far off to have its say. */
  readonly isFarOff: boolean;
}

/** What else bears on the verdict. */
export interface Circumstances {
  /** The slots that may work. */
  readonly slots: readonly SlotId[];
  /** Pages still wait from which one could be taken. */
  readonly maySample: boolean;
  /** Pages were done in an earlier run. */
  readonly hasDoneBefore: boolean;
  /** `batch`: each failure costs the start of a program, with its load; `page` where missing. */
  readonly takes?: 'page' | 'batch';
}

/** Tells where nothing can go well: every slot fails, with the same words, on pages from all over. Pure bookkeeping. */
export class CommonCause {
  /** The latest failures, all with the same words, since a page went well. */
  #witnesses: Witness[] = [];
  /** Pages that failed before these, with other words. */
  #otherWords = new Set<PageId>();
  /** Pages that failed before another one went well, or seem odd: that they fail says nothing of the others. */
  readonly #knownBad = new Set<PageId>();
  #hasWorked = false;

  /** True once a page of this run went well. */
  get hasWorked(): boolean {
    return this.#hasWorked;
  }

  /** True where pages go well, and none has failed since one did. */
  get isCalm(): boolean {
    return this.#hasWorked && this.#witnesses.length === 0;
  }

  failed(witness: Witness): void {
    if (this.#knownBad.has(witness.page)) return;
    const [first] = this.#witnesses;
    if (first && withoutParticulars(first.message) !== withoutParticulars(witness.message)) {
      for (const { page } of this.#witnesses) this.#otherWords.add(page);
      this.#witnesses = [];
    }
    this.#witnesses.push(witness);
  }

  /** Something is odd about the page where others go well: that it fails says nothing of them. */
  suspect(page: PageId): void {
    this.#knownBad.add(page);
  }

  /** A page went well: what failed before it had no common cause. */
  finished(): void {
    this.#hasWorked = true;
    for (const page of [...this.#otherWords, ...this.failedPages]) this.#knownBad.add(page);
    this.#otherWords.clear();
    this.#witnesses = [];
  }

  /** The last failure's words; undefined where a page has gone well since. */
  get sameWords(): string | undefined {
    return this.#witnesses.at(-1)?.message;
  }

  /** True for a slot that has failed a page with these words since one went well. */
  hasFailed(slot: SlotId): boolean {
    return this.#witnesses.some((witness) => witness.slot === slot);
  }

  /** The pages that failed so since one went well. */
  get failedPages(): readonly PageId[] {
    return this.#witnesses.map(({ page }) => page);
  }

  /** True where a page from far off has failed too. */
  get hasHeardFarOff(): boolean {
    return this.#farOff > 0;
  }

  /** Where the next page should come from, 0 to 1, so that it tells more; undefined where any will do. */
  placeOfSample(circumstances: Circumstances): number | undefined {
    if (this.sameWords === undefined) return undefined;
    const farOff = this.#farOff;
    const missing = FEWEST_FAR_OFF - farOff;
    if (missing <= 0 || this.#pages < this.#enough(circumstances) - FEWEST_FAR_OFF) return undefined;
    return FAR_OFF_PLACES[farOff];
  }

  /** True where the pages suffice, and only slots that have not failed yet are to be heard. */
  isNearlyCertain(circumstances: Circumstances): boolean {
    const { maySample } = circumstances;
    const enough = this.#enough(circumstances);
    if (this.sameWords === undefined || this.#pages < enough) return false;
    if (this.#farOff >= FEWEST_FAR_OFF) return true;
    // Where pages went well before, the last few may be bad together.
    return !maySample && this.#pages >= (this.#hasWorked ? enough * AT_THE_END : enough);
  }

  /** The last words, where nothing can go well. */
  words(circumstances: Circumstances): string | undefined {
    if (!this.isNearlyCertain(circumstances)) return undefined;
    return circumstances.slots.every((slot) => this.hasFailed(slot)) ? this.sameWords : undefined;
  }

  /** One slot's share of the pages that have to fail one like the other. */
  failuresInARow(circumstances: Circumstances): number {
    const share = Math.ceil(this.#enough(circumstances) / circumstances.slots.length);
    return this.#hasWorked ? Math.max(FEWEST_LATER, share) : Math.max(FEWEST_FAR_OFF, share);
  }

  get #pages(): number {
    return new Set(this.#witnesses.map(({ page }) => page)).size;
  }

  get #farOff(): number {
    return this.#witnesses.filter(({ isFarOff }) => isFarOff).length;
  }

  #enough({ slots, hasDoneBefore, takes }: Circumstances): number {
    if (this.#hasWorked) return Math.max(FEWEST_LATER, PAGES_A_SLOT_LATER * slots.length);
    const enough = Math.max(FEWEST_AT_FIRST, PAGES_A_SLOT_AT_FIRST * slots.length);
    return hasDoneBefore && takes !== 'batch' ? enough * DOUBT : enough;
  }
}
