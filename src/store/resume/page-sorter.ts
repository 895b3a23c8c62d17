import type { Page } from '../../model/page.ts';
import type { LedgerLine } from '../ledger/ledger-line.ts';
import type { Because } from './decide-page.ts';
import type { Bringing } from './find-elsewhere.ts';
import { type JudgedPage, PageJudge } from './page-judge.ts';
import { type Notice, type ResumeTally, resumeNotices } from './resume-notices.ts';
import type { ResumeSetup } from './resume-setup.ts';

/** The output of a page that is done, to be brought to where it belongs; its line is for the ledger after that. */
export interface BroughtOutput extends Bringing {
  readonly page: Page;
  readonly line: LedgerLine | undefined;
}

/** Some pages, sorted out. */
interface SortedPages {
  /** In the order they were given. */
  readonly todo: readonly Page[];
  /** Why each of them is to be done, in their order. */
  readonly because: readonly Because[];
  /** How many more are to do behind the last one that was wanted. */
  readonly later: number;
  readonly skipped: number;
  /** The pages that are skipped. */
  readonly done: readonly Page[];
  /** Outputs of skipped pages that are to be brought to where they belong. */
  readonly brought: readonly BroughtOutput[];
  /** For the ledger: files that no ledger knew. Their pages count as skipped. */
  readonly adopted: readonly LedgerLine[];
  /** For the ledger: lines with the new time of a source whose content is the same, so that it is read this once. */
  readonly renewed: readonly LedgerLine[];
}

/** What a page's message says of a child that wrote something else, see `inWords` of other images. */
const WROTE = / \(it wrote (.+?)(?: and \d+ more images?| into its input folder.*| over its own page.*)?\)/s;

/** Sorts out pages chunk by chunk, and says at the end what the user should know of it. */
export class PageSorter {
  readonly #setup: ResumeSetup;
  readonly #judge: PageJudge;
  readonly #todo: Partial<Record<Because, number>> = {};
  readonly #keptByHash = new Map<string, number>();
  #skipped = 0;
  #adopted = 0;
  #touchedUp = 0;
  #strays = 0;
  #stray: ResumeTally['stray'];

  constructor(setup: ResumeSetup) {
    this.#setup = setup;
    this.#judge = new PageJudge(setup);
  }

  get tally(): ResumeTally {
    return {
      todo: this.#todo,
      skipped: this.#skipped,
      adopted: this.#adopted,
      touchedUp: this.#touchedUp,
      keptByHash: this.#keptByHash,
      strays: this.#strays,
      ...(this.#stray && { stray: this.#stray }),
    };
  }

  /** One line for each thing that the user should know, over all pages so far. */
  notices(): Notice[] {
    const { options, optionsByHash } = this.#setup;
    return resumeNotices(this.tally, options, optionsByHash);
  }

  /**
   * Tells the pages to do from those that are done. Reads what it must, and writes nothing. Pages behind the last of `most`
   * to do don't count, nor do those that a stop left unsorted.
   */
  async sortOut(pages: readonly Page[], most = Number.POSITIVE_INFINITY): Promise<SortedPages> {
    const judged = await this.#judge.judgeAll(pages);
    const sorted = {
      todo: [] as Page[],
      because: [] as Because[],
      later: 0,
      skipped: 0,
      done: [] as Page[],
      brought: [] as BroughtOutput[],
      adopted: [] as LedgerLine[],
      renewed: [] as LedgerLine[],
    };
    for (const [at, { page, end, stray }] of judged.entries()) {
      if (end === undefined) continue;
      if ('because' in end) {
        this.#noteStray(page, stray);
        sorted.todo.push(page);
        sorted.because.push(end.because);
        this.#todo[end.because] = (this.#todo[end.because] ?? 0) + 1;
        if (sorted.todo.length >= most) {
          sorted.later = toDoAmong(judged.slice(at + 1));
          break;
        }
        continue;
      }
      sorted.skipped += 1;
      sorted.done.push(page);
      if (end.bring) sorted.brought.push({ page, ...end.bring, line: end.write });
      else if (end.write) (end.write.adopted ? sorted.adopted : sorted.renewed).push(end.write);
      if (end.touchedUp) this.#touchedUp += 1;
      if (end.keptHash !== undefined) {
        this.#keptByHash.set(end.keptHash, (this.#keptByHash.get(end.keptHash) ?? 0) + 1);
      }
    }
    this.#skipped += sorted.skipped;
    this.#adopted += sorted.adopted.length;
    return sorted;
  }

  /** How many of these pages are to do, of which this run takes none. */
  async countToDo(pages: readonly Page[]): Promise<number> {
    return toDoAmong(await this.#judge.judgeAll(pages));
  }

  /** A page that is to do, of which there may be an output under another name. */
  #noteStray(page: Page, stray: string | undefined): void {
    const told = stray ?? WROTE.exec(this.#setup.ledger.get(page.id)?.message ?? '')?.[1];
    if (told === undefined) return;
    this.#strays += 1;
    this.#stray ??= { name: told, page: page.id };
  }
}

const toDoAmong = (judged: readonly JudgedPage[]): number =>
  judged.filter(({ end }) => end && 'because' in end).length;
