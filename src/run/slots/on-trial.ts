import { stat, statfs } from 'node:fs/promises';
import type { Emit } from '../../model/events.ts';
import type { Page, PageId } from '../../model/page.ts';
import type { LinkMode } from '../../store/outputs/link-mode.ts';

/** Copies of so many pages take no longer than a model takes to load, mostly much less. */
const MOST_PAGES = 256;
/** The same in bytes, on a disk that writes 100 MB/s. */
const MOST_BYTES = 256 * 1024 * 1024;
/** What a large page takes: where none can be looked at, each counts as such. */
const PAGE_BYTES = 16 * 1024 * 1024;
/** So many pages from all over the input tell what one takes that nobody has looked at. */
const MOST_SAMPLED = 32;
/** Of the disk's free space, copies get as much at the most. */
const SHARE_OF_DISK = 0.25;

/** Bytes of each page's source, as far as they are known. */
type SourceBytes = ReadonlyMap<PageId, number>;

/** What a run has to do. */
interface TrialWork {
  readonly pages: readonly Page[];
  readonly bytes: SourceBytes;
  /** How many batches there may be at one time. */
  readonly slots: number;
}

interface TrialSetup {
  readonly links: LinkMode;
  readonly emit: Emit;
  readonly resolved: { readonly folders: { readonly workPlace: string } };
}

/** Keeps batches small while their pages are copied only because nobody has seen the program work. */
export class OnTrial {
  readonly #setup: TrialSetup;
  readonly #mostBytes: number;
  readonly #bytesOf: (page: Page) => number;
  #hasTold = false;

  private constructor(setup: TrialSetup, mostBytes: number, bytesOf: (page: Page) => number) {
    this.#setup = setup;
    this.#mostBytes = mostBytes;
    this.#bytesOf = bytesOf;
  }

  static async begin(setup: TrialSetup, { pages, bytes, slots }: TrialWork): Promise<OnTrial> {
    if (!setup.links.isTrial) return new OnTrial(setup, MOST_BYTES, () => 0);
    const disk = await statfs(setup.resolved.folders.workPlace).catch(() => undefined);
    const freeBytes = disk === undefined ? Number.POSITIVE_INFINITY : disk.bavail * disk.bsize;
    const mostBytes = Math.min(MOST_BYTES, (freeBytes * SHARE_OF_DISK) / slots);
    const pageBytes = bytes.size > 0 ? PAGE_BYTES : await meanBytes(pages);
    return new OnTrial(setup, mostBytes, ({ id, entry }) => bytes.get(id) ?? entry?.bytes ?? pageBytes);
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
    const end = pages.findIndex((page, at) => {
      bytes += this.#bytesOf(page);
      return at > 0 && (at === MOST_PAGES || bytes > this.#mostBytes);
    });
    return end < 0 ? pages : pages.slice(0, end);
  }
}

/** What a file takes on average, by a few of them; an archive tells it of each of its pages. */
async function meanBytes(pages: readonly Page[]): Promise<number> {
  const step = Math.max(1, pages.length / MOST_SAMPLED);
  const some = Array.from(
    { length: Math.ceil(pages.length / step) },
    (_, at) => pages[Math.floor(at * step)],
  );
  const looks = await Promise.all(
    some.map((page) => (page && !page.entry ? stat(page.path).catch(() => undefined) : undefined)),
  );
  const sizes = looks.flatMap((look) => look?.size ?? []);
  return sizes.length === 0 ? PAGE_BYTES : sizes.reduce((sum, size) => sum + size, 0) / sizes.length;
}
