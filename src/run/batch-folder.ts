import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import type { Inspector } from '../pages/inspector.ts';
import { stemOf } from '../pages/output-name.ts';
import type { Page, PageId, SourceStamp } from '../pages/page.ts';
import { diskTrouble } from './place.ts';

/** What stands in a batch's `batch.json`: enough to gather its outputs after the launcher was killed. */
export interface BatchRecord {
  readonly v: 1;
  /** Hash of the options that shape the result. */
  readonly options: string;
  readonly format?: string;
  /** Size in bytes and modification time in milliseconds of each source. */
  readonly pages: Readonly<Record<PageId, readonly [bytes: number, mtimeMs: number]>>;
}

/** A page that was looked at before a child gets it. */
export interface Prepared {
  readonly ready: readonly { readonly page: Page; readonly stamp: SourceStamp }[];
  readonly unreadable: readonly { readonly page: Page; readonly message: string }[];
}

/** The private folder of one batch: `in` with its pages, `out` for what becomes of them. */
export class BatchFolder {
  readonly input: string;
  readonly output: string;
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
    this.input = path.join(folder, 'in');
    this.output = path.join(folder, 'out');
  }

  /**
   * Looks at each page and links (or copies) it into the batch under its relative path.
   * @throws Refusal where the disk is the trouble
   */
  async fill(
    pages: readonly Page[],
    {
      inspector,
      links,
      options,
      format,
    }: { inspector: Inspector; links: LinkMode; options: string; format: string | undefined },
  ): Promise<Prepared> {
    try {
      await mkdir(this.input, { recursive: true });
      await mkdir(this.output, { recursive: true });
      const prepared = await this.#inspect(pages, inspector, links);
      const record: BatchRecord = {
        v: 1,
        options,
        ...(format !== undefined && { format }),
        pages: Object.fromEntries(
          prepared.ready.map(({ page, stamp }) => [page.id, [stamp.bytes, stamp.mtimeMs]]),
        ),
      };
      await writeFile(path.join(this.#folder, 'batch.json'), JSON.stringify(record));
      return prepared;
    } catch (error) {
      throw diskTrouble(error, this.#folder);
    }
  }

  async #inspect(pages: readonly Page[], inspector: Inspector, links: LinkMode): Promise<Prepared> {
    const ready: { page: Page; stamp: SourceStamp }[] = [];
    const unreadable: { page: Page; message: string }[] = [];
    const jobsOf = (some: readonly Page[]): { path: string; link: string }[] =>
      some.map((page) => ({ path: page.path, link: path.join(this.input, page.id) }));
    let found = await inspector.inspect(jobsOf(pages), { measure: false, copy: links.copy });
    const unlinked = pages.filter((_, index) => {
      const inspection = found[index];
      return inspection?.ok && inspection.linked === false;
    });
    if (unlinked.length > 0) {
      links.copy = true;
      const copied = await inspector.inspect(jobsOf(unlinked), { measure: false, copy: true });
      const again = new Map(unlinked.map((page, index) => [page, copied[index]]));
      found = found.map((inspection, index) => again.get(pages[index] as Page) ?? inspection);
    }
    for (const [index, page] of pages.entries()) {
      const inspection = found[index];
      if (!inspection) continue;
      if (inspection.ok)
        ready.push({ page, stamp: { bytes: inspection.bytes, mtimeMs: inspection.mtimeMs } });
      else unreadable.push({ page, message: inspection.message });
    }
    return { ready, unreadable };
  }

  /** Removes the batch. A process of its own does it: tens of thousands of links would hold up the launcher. */
  remove(): Promise<void> {
    return removeTree(this.#folder);
  }
}

/** How pages come into batches; turns to copying for good once links are seen not to work. */
export interface LinkMode {
  copy: boolean;
}

/** Removes a folder with all that is in it, outside of this process. Never rejects: what stays is found by the next run. */
export async function removeTree(folder: string): Promise<void> {
  await execa('rm', ['-rf', '--', folder], { reject: false, stdio: 'ignore' });
}

/** Those pages that can share a batch: no two of one stem, or their outputs could not be told apart. */
export function withoutEqualStems(pages: readonly Page[]): readonly Page[] {
  const stems = new Set<string>();
  return pages.filter((page) => {
    const stem = stemOf(page.id);
    return !stems.has(stem) && stems.add(stem);
  });
}
