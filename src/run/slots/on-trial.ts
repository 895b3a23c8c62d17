import { statfs } from 'node:fs/promises';
import type { Emit } from '../../model/events.ts';
import type { Page, PageId } from '../../model/page.ts';
import type { LinkMode } from '../../store/outputs/link-mode.ts';

/** Copies of so many pages take no longer than a model takes to load, mostly much less. */
const MOST_PAGES = 256;
/** The same in bytes, on a disk that writes 100 MB/s. */
const MOST_BYTES = 256 * 1024 * 1024;
/** What a large page takes: one whose size is not known counts as such. */
const PAGE_BYTES = 16 * 1024 * 1024;
/** Of the disk's free space, copies get as much at the most. */
const SHARE_OF_DISK = 0.25;

/** Bytes of each page's source, as far as they are known. */
type SourceBytes = ReadonlyMap<PageId, number>;

interface TrialSetup {
  readonly links: LinkMode;
  readonly emit: Emit;
  readonly resolved: { readonly folders: { readonly workPlace: string } };
}

/** Keeps batches small while their pages are copied only because nobody has seen the program work. */
export class OnTrial {
  readonly #setup: TrialSetup;
  readonly #mostBytes: number;
  readonly #bytes: SourceBytes;
  #hasTold = false;

  private constructor(setup: TrialSetup, mostBytes: number, bytes: SourceBytes) {
    this.#setup = setup;
    this.#mostBytes = mostBytes;
    this.#bytes = bytes;
  }

  /** @param slots how many batches there may be of them at one time */
  static async begin(setup: TrialSetup, slots: number, bytes: SourceBytes): Promise<OnTrial> {
    const disk = setup.links.isTrial
      ? await statfs(setup.resolved.folders.workPlace).catch(() => undefined)
      : undefined;
    const freeBytes = disk === undefined ? Number.POSITIVE_INFINITY : disk.bavail * disk.bsize;
    return new OnTrial(setup, Math.min(MOST_BYTES, (freeBytes * SHARE_OF_DISK) / slots), bytes);
  }

  /** Those of a batch's pages that it may begin with. */
  firstOf(pages: readonly Page[]): readonly Page[] {
    const { links, emit } = this.#setup;
    if (!links.isTrial) return pages;
    const first = this.#within(pages);
    if (first.length < pages.length && !this.#hasTold) {
      this.#hasTold = true;
      const text = `Each slot begins with some pages (here ${first.length}), of which the script gets copies: once it has left them as they were, it gets links to the others.`;
      emit({ type: 'notice', level: 'info', text });
    }
    return first;
  }

  #within(pages: readonly Page[]): readonly Page[] {
    let bytes = 0;
    const end = pages.findIndex(({ id }, at) => {
      bytes += this.#bytes.get(id) ?? PAGE_BYTES;
      return at > 0 && (at === MOST_PAGES || bytes > this.#mostBytes);
    });
    return end < 0 ? pages : pages.slice(0, end);
  }
}
