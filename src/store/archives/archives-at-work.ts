import { isGood, type Outcome } from '../../model/outcome.ts';
import { type ArchiveFile, isPacked, type Page, type PageId } from '../../model/page.ts';
import type { ArchiveLine, LedgerLine } from '../ledger/ledger-line.ts';
import type { SortedChunk } from '../resume/sort-pages.ts';

/** How a page of an archive ended. */
export interface PageEnd {
  readonly outcome: Outcome;
  /** Its output, relative to the output root; missing where there is none. */
  readonly at?: string | undefined;
  /** Its line, where an earlier run did it. */
  readonly line?: LedgerLine | undefined;
}

/** An archive whose pages are being done, or are. */
export interface ArchiveAtWork {
  readonly file: ArchiveFile;
  /** By the entry's name; undefined as long as a page has no end. */
  readonly ends: Map<string, PageEnd | undefined>;
  /** A page has an output that it had not before. */
  isNew: boolean;
}

/** Knows which archives have pages that are still to be done; pure. */
export class ArchivesAtWork {
  readonly #archives = new Map<PageId, ArchiveAtWork & { open: number }>();

  /**
   * Takes note of pages that were found. All pages of an archive come in one chunk.
   * @param endOf how a page ended that is done
   * @returns the archives that the pages are in
   */
  found(
    { walked, done }: Pick<SortedChunk, 'walked' | 'done'>,
    endOf: (page: Page) => PageEnd,
  ): ArchiveFile[] {
    const files: ArchiveFile[] = [];
    for (const page of walked) {
      if (!page.entry || !isPacked(page)) continue;
      const { archive, name } = page.entry;
      let known = this.#archives.get(archive.id);
      if (known === undefined) {
        known = { file: archive, ends: new Map(), isNew: false, open: 0 };
        this.#archives.set(archive.id, known);
        files.push(archive);
      }
      known.ends.set(name, undefined);
      known.open += 1;
    }
    for (const page of done) this.#end(page, endOf(page));
    return files;
  }

  /** Takes note of how a page ended in this run. Answers with its archive where that was the last one. */
  ended(page: Page, end: PageEnd): ArchiveAtWork | undefined {
    const known = this.#end(page, end);
    if (known === undefined) return undefined;
    // One that has failed again changes nothing.
    known.isNew ||= end.outcome !== 'failed';
    return known.open === 0 ? this.#take(known) : undefined;
  }

  /** Those of which all pages were done when they were found. */
  takeDone(files: readonly ArchiveFile[]): ArchiveAtWork[] {
    return files.flatMap(({ id }) => {
      const known = this.#archives.get(id);
      return known?.open === 0 ? [this.#take(known)] : [];
    });
  }

  #end(page: Page, end: PageEnd): (ArchiveAtWork & { open: number }) | undefined {
    if (!page.entry) return undefined;
    const known = this.#archives.get(page.entry.archive.id);
    if (known === undefined) return undefined;
    if (known.ends.get(page.entry.name) === undefined) known.open -= 1;
    known.ends.set(page.entry.name, end);
    return known;
  }

  #take(archive: ArchiveAtWork): ArchiveAtWork {
    this.#archives.delete(archive.file.id);
    return archive;
  }
}

/** How many pages came to which end. */
export function outcomesOf({ ends }: Pick<ArchiveAtWork, 'ends'>): Partial<Record<Outcome, number>> {
  const outcomes: Partial<Record<Outcome, number>> = {};
  for (const end of ends.values()) if (end) outcomes[end.outcome] = (outcomes[end.outcome] ?? 0) + 1;
  return outcomes;
}

/** True where each of its pages has a good end. */
export const areAllGood = ({ ends }: Pick<ArchiveAtWork, 'ends'>): boolean =>
  [...ends.values()].every((end) => end !== undefined && isGood(end.outcome));

/** How a page ended in an earlier run. */
export const endOf = (line: LedgerLine): PageEnd => ({
  outcome: line.outcome,
  at: line.output?.path,
  line,
});

/** True where a page was done after the archive was packed. */
export function hasLaterPage({ ends }: Pick<ArchiveAtWork, 'ends'>, packed: ArchiveLine): boolean {
  const packedMs = Date.parse(packed.time);
  return [...ends.values()].some(
    (end) => end?.line && end.outcome !== 'failed' && Date.parse(end.line.time) > packedMs,
  );
}
