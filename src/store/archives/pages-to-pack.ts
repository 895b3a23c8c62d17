import { lstat } from 'node:fs/promises';
import path from 'node:path';
import { isGood } from '../../model/outcome.ts';
import type { ArchiveFile, PageId } from '../../model/page.ts';
import type { RunOptions } from '../../model/run-options.ts';
import { loadDirectory } from '../../pages/sources/load-directory.ts';
import { isPage } from '../../pages/sources/pages-of-archive.ts';
import type { LedgerLine } from '../ledger/ledger-line.ts';
import { type ArchiveAtWork, endOf, type PageEnd } from './archives-at-work.ts';
import type { PackedPage } from './pack-archive.ts';
import type { PackedOutputs } from './packed-outputs.ts';

/** What tells where the pages of an archive are. */
interface PagesSetup {
  readonly outputRoot: string;
  readonly onFailed: RunOptions['onFailed'];
  readonly packed: Pick<PackedOutputs, 'entryOf'>;
  /** The last line of a page before this run. */
  readonly lineOf: (page: PageId) => LedgerLine | undefined;
}

/** Finds the pages that an archive is packed of, those of earlier runs among them. */
export class PagesToPack {
  readonly #setup: PagesSetup;

  constructor(setup: PagesSetup) {
    this.#setup = setup;
  }

  /** Gives the pages that this run's filters leave out the good ends that they had in earlier runs, where their outputs are there. */
  async addLeftOut({ file, ends }: Pick<ArchiveAtWork, 'file' | 'ends'>): Promise<void> {
    if (ends.size >= file.pages) return;
    const directory = await loadDirectory(file.path);
    if ('trouble' in directory) return;
    for (const { name, bytes, crc32 } of directory.entries.filter(isPage)) {
      const line = ends.has(name) ? undefined : this.#setup.lineOf(`${file.id}/${name}`);
      if (line === undefined || !isGood(line.outcome)) continue;
      if (line.source?.bytes !== bytes || line.source.crc32 !== crc32) continue;
      const end = endOf(line);
      if (end.at === undefined || (await this.#madeAs(end, file))) ends.set(name, end);
    }
  }

  /** What becomes of each page, by the entry's name. */
  async of({ file, ends }: Pick<ArchiveAtWork, 'file' | 'ends'>): Promise<Map<string, PackedPage>> {
    const { outputRoot, onFailed } = this.#setup;
    const pages = new Map<string, PackedPage>();
    for (const [name, end] of ends) {
      if (end === undefined || end.outcome === 'failed')
        pages.set(name, onFailed === 'copy' ? 'original' : 'left-out');
      else if (end.at === undefined) pages.set(name, 'original');
      else pages.set(name, (await this.#madeAs(end, file)) ?? { file: path.join(outputRoot, end.at) });
    }
    return pages;
  }

  /** A page of an earlier run may be in the archive that it packed, and nowhere else. */
  async #madeAs({ at = '', line }: PageEnd, archive: ArchiveFile): Promise<PackedPage | undefined> {
    const file = path.join(this.#setup.outputRoot, at);
    if ((await lstat(file).catch(() => undefined)) !== undefined) return { file };
    const entry = line && (await this.#setup.packed.entryOf(archive, line));
    return entry && { entry };
  }
}
