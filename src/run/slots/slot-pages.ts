import path from 'node:path';
import type { Page } from '../../model/page.ts';
import type { PageAnswer } from '../../workers/warm-answer.ts';
import { keepCopy, type PreparedPage, preparePage, removeCopy } from './prepare-page.ts';
import type { WarmContext } from './warm-context.ts';

/** When a page's input was asked for, and when it was there; on the monotonic clock. */
interface InputWait {
  readonly askedMs: number;
  readyMs?: number;
}

/** A page after the one at work: prepared soon, and in the worker's pipe already where `answer` is there. */
export interface NextPage {
  readonly page: Page;
  readonly tray: string;
  readonly prepared: Promise<PreparedPage>;
  readonly input: InputWait;
  answer?: Promise<PageAnswer>;
  waitSeconds?: number;
}

/** The pages of a warm slot, made ready for its worker: the one at work, and those after it. */
export class SlotPages {
  /** Where outputs are made: one for the page at work and one for each page after it. */
  readonly trays: readonly string[];
  readonly #run: WarmContext;
  /** In the order in which they are to come: the worker may have the first one already. */
  #ahead: NextPage[] = [];
  /** That of the page at work. */
  #tray: string | undefined;

  constructor(run: WarmContext, folder: string) {
    this.#run = run;
    this.trays = ['0', '1', '2'].map((tray) => path.join(folder, tray));
  }

  /** The first page after the one at work. */
  get next(): NextPage | undefined {
    return this.#ahead[0];
  }

  /** The page is at work from now on. */
  async begin(page: Page, attempt: number): Promise<NextPage> {
    const next = (await this.#takeAhead(page)) ?? this.#prepare(page, attempt);
    this.#tray = next.tray;
    return next;
  }

  /** The page comes after the one at work, and no other does. */
  async comesNext(page: Page): Promise<NextPage> {
    const next = (await this.#takeAhead(page)) ?? this.#prepare(page);
    this.#ahead = [next];
    return next;
  }

  /** The page comes after all others. */
  comesLater(page: Page): void {
    const later = this.#prepare(page);
    // Whoever needs the page hears of it.
    later.prepared.catch(() => {});
    this.#ahead.push(later);
  }

  /** None of those after the one at work comes any more. */
  drop(): Promise<void> {
    return this.#drop(this.#ahead);
  }

  /** What was made ready for this page. What was to come before it went elsewhere, and is dropped. */
  async #takeAhead(page: Page): Promise<NextPage | undefined> {
    const at = this.#ahead.findIndex((next) => next.page === page);
    const gone = this.#ahead.splice(0, at === -1 ? this.#ahead.length : at);
    const next = this.#ahead.shift();
    await this.#drop(gone);
    return next;
  }

  /** In a tray that no other page has: those that were dropped used theirs up out of turn. */
  #prepare(page: Page, attempt = 1): NextPage {
    const taken = [this.#tray, ...this.#ahead.map((next) => next.tray)];
    const tray = this.trays.find((one) => !taken.includes(one)) ?? '';
    const input: InputWait = { askedMs: performance.now() };
    const prepared = preparePage(this.#run, page, { tray, mayBeStaged: attempt === 1 }).finally(() => {
      input.readyMs = performance.now();
    });
    return { page, tray, prepared, input };
  }

  async #drop(gone: readonly NextPage[]): Promise<void> {
    for (const next of gone) {
      const prepared = await next.prepared.catch(() => undefined);
      if (prepared?.by !== 'ready') continue;
      await (next.answer === undefined ? keepCopy : removeCopy)(this.#run, prepared.ready);
    }
  }
}
