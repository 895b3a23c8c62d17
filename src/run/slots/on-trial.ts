import { statfs } from 'node:fs/promises';
import type { Emit } from '../../model/events.ts';
import type { Page } from '../../model/page.ts';
import type { LinkMode } from '../../store/outputs/link-mode.ts';

/** Copies of so many pages take no longer than a model takes to load, mostly much less. */
const MOST_PAGES = 256;
/** What a large page takes, for a guess at how many copies the disk has room for. */
const PAGE_BYTES = 16 * 1024 * 1024;
/** Of the disk's free space, copies get as much at the most. */
const SHARE_OF_DISK = 0.25;

interface TrialSetup {
  readonly links: LinkMode;
  readonly emit: Emit;
  readonly resolved: { readonly folders: { readonly workPlace: string } };
}

/** Keeps batches small while their pages are copied only because nobody has seen the program work. */
export class OnTrial {
  readonly #setup: TrialSetup;
  readonly #most: number;
  #hasTold = false;

  private constructor(setup: TrialSetup, most: number) {
    this.#setup = setup;
    this.#most = most;
  }

  /** @param slots how many batches there may be of them at one time */
  static async begin(setup: TrialSetup, slots: number): Promise<OnTrial> {
    const disk = setup.links.isTrial
      ? await statfs(setup.resolved.folders.workPlace).catch(() => undefined)
      : undefined;
    const freeBytes = disk === undefined ? Number.POSITIVE_INFINITY : disk.bavail * disk.bsize;
    const fitting = Math.floor((freeBytes * SHARE_OF_DISK) / PAGE_BYTES / slots);
    return new OnTrial(setup, Math.min(MOST_PAGES, Math.max(1, fitting)));
  }

  /** Those of a batch's pages that it may begin with. */
  firstOf(pages: readonly Page[]): readonly Page[] {
    const { links, emit } = this.#setup;
    if (!links.isTrial || pages.length <= this.#most) return pages;
    if (!this.#hasTold) {
      this.#hasTold = true;
      const text = `Each slot begins with ${this.#most} pages, of which the script gets copies: once it has left them as they were, it gets links to the others.`;
      emit({ type: 'notice', level: 'info', text });
    }
    return pages.slice(0, this.#most);
  }
}
