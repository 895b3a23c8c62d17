import { constants } from 'node:fs';
import { rm, rmdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { findProgram } from '../../model/find-program.ts';
import { noFilesForStart } from '../../model/open-files.ts';
import { type Page, type PageId, sourceOf } from '../../model/page.ts';
import type { Inspector, ProbeJob, SourceProbe } from '../../pages/inspector.ts';
import { makeFolder } from '../../pages/make-folder.ts';
import { sameForm } from '../../pages/name-form.ts';
import { openRegular } from '../../pages/open-regular.ts';
import { stemOf } from '../../pages/output-name.ts';
import type { OneShotTranslator } from '../../translators/translator.ts';
import type { BatchNames } from '../../workers/output-names.ts';
import { diskTrouble } from './disk-errors.ts';
import type { SourceGiven } from './source-watch.ts';

/** The first line of a batch's `batch.ndjson`. */
interface BatchHead {
  readonly v: 1;
  /** Hash of the options that shape the result. */
  readonly options: string;
}

/** Every other line: a page as it was before a child could touch it. With these a killed run's outputs can be gathered. */
type BatchLine = readonly [page: PageId, bytes: number, mtimeMs: number];

const ANEW = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC;

/** Pages that are looked at in one go: enough to keep the threads busy, few enough to leave no mountain of garbage. */
const PAGES_AT_ONCE = 2048;

/** Stands where there is no answer for a page. */
const NOT_LOOKED_AT: SourceProbe = { ok: false, message: 'it was not looked at' };

/** A page that was looked at before a child gets it. */
interface Prepared {
  readonly ready: readonly ({ readonly page: Page } & SourceGiven)[];
  readonly unreadable: readonly {
    readonly page: Page;
    readonly message: string;
    readonly isRefused?: true;
  }[];
}

/** The private folder of one batch: `in` with its pages, `out` for what becomes of them. */
export class BatchFolder {
  readonly input: string;
  readonly output: string;
  readonly recordFile: string;
  /** There: its child ended, and what it made may be outputs under names that nobody knows. */
  readonly unnamedMark: string;
  readonly #folder: string;
  #isKept = false;

  constructor(folder: string) {
    this.#folder = folder;
    this.input = path.join(folder, 'in');
    this.output = path.join(folder, 'out');
    this.recordFile = path.join(folder, 'batch.ndjson');
    this.unnamedMark = path.join(folder, 'unnamed');
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
      names,
    }: { inspector: Inspector; links: LinkMode; options: string; names: BatchNames },
  ): Promise<Prepared> {
    const ready: Prepared['ready'][number][] = [];
    const unreadable: Prepared['unreadable'][number][] = [];
    try {
      await makeFolder(this.input);
      await makeFolder(this.output);
      const record = await openRegular(this.recordFile, { flags: ANEW });
      try {
        const head: BatchHead = { v: 1, options };
        await record.writeFile(`${JSON.stringify(head)}\n`);
        const slice = (at: number): readonly Page[] => pages.slice(at, at + PAGES_AT_ONCE);
        let looking = this.#inspect(slice(0), { inspector, links, names });
        for (let at = 0; at < pages.length; at += PAGES_AT_ONCE) {
          const some = slice(at);
          const found = await looking;
          // The threads go on with the next pages while these are written down.
          looking = this.#inspect(slice(at + PAGES_AT_ONCE), { inspector, links, names });
          looking.catch(() => {});
          let lines = '';
          for (const [index, inspection] of found.entries()) {
            const page = some[index];
            if (!page) continue;
            if (!inspection.ok) {
              const { message, isRefused } = inspection;
              unreadable.push({ page, message, ...(isRefused && { isRefused }) });
              continue;
            }
            const { source: sighting, placed } = inspection;
            const { bytes, mtimeMs } = sighting;
            ready.push({ page, sighting, isCopy: placed === 'copy' });
            lines += `${JSON.stringify([page.id, bytes, mtimeMs] satisfies BatchLine)}\n`;
          }
          await record.writeFile(lines);
        }
      } finally {
        await record.close();
      }
      return { ready, unreadable };
    } catch (error) {
      throw diskTrouble(error, this.#folder);
    }
  }

  /** What each page is, once it is linked or copied into the batch. */
  async #inspect(
    pages: readonly Page[],
    { inspector, links, names }: { inspector: Inspector; links: LinkMode; names: BatchNames },
  ): Promise<SourceProbe[]> {
    const jobsOf = (some: readonly Page[]): ProbeJob[] =>
      some.map((page) => ({ ...sourceOf(page), link: path.join(this.input, names.nameInBatch(page.id)) }));
    const found = await inspector.probe(jobsOf(pages), { measure: false, copy: links.copies });
    const unlinked = [...pages.keys()].filter((index) => {
      const inspection = found[index];
      return inspection?.ok && inspection.placed === undefined;
    });
    if (unlinked.length === 0) return found;
    links.copyFromNowOn();
    const copied = await inspector.probe(jobsOf(unlinked.flatMap((index) => pages[index] ?? [])), {
      measure: false,
      copy: true,
    });
    for (const [at, index] of unlinked.entries()) found[index] = copied[at] ?? NOT_LOOKED_AT;
    return found;
  }

  /** Set where it has to stay for a later run. */
  get isKept(): boolean {
    return this.#isKept;
  }

  /** What its child made may be outputs: it stays until it is known how they are named. */
  async keepUnnamed(): Promise<void> {
    this.#isKept = true;
    await writeFile(this.unnamedMark, '').catch((error: unknown) => {
      throw diskTrouble(error, this.#folder);
    });
  }

  /** Removes the batch. A process of its own does it: tens of thousands of links would hold up the launcher. */
  remove(): Promise<void> {
    return removeTree(this.#folder);
  }
}

/** How pages come into batches: as links, or as copies for good once links are seen not to work. */
export class LinkMode {
  #copies: boolean;

  constructor({ copies }: { readonly copies: boolean }) {
    this.#copies = copies;
  }

  get copies(): boolean {
    return this.#copies;
  }

  copyFromNowOn(): void {
    this.#copies = true;
  }
}

/** Removes a folder with all that is in it, outside of this process. Never rejects: what stays is found by the next run. */
export async function removeTree(folder: string): Promise<void> {
  const wasEmpty = await rmdir(folder).then(
    () => true,
    () => false,
  );
  if (wasEmpty) return;
  const program = await findProgram('rm', process.env, '/');
  if (program === undefined || noFilesForStart())
    await rm(folder, { recursive: true, force: true }).catch(() => {});
  else await execa(program, ['-rf', '--', folder], { reject: false, stdio: 'ignore' }).catch(() => {});
}

/** Those pages that can share a batch: no two of one stem, in whatever form, or their outputs could not be told apart. */
export function withoutEqualStems(pages: readonly Page[]): readonly Page[] {
  const stems = new Set<string>();
  return pages.filter((page) => {
    const stem = sameForm(stemOf(withoutArchives(page.id)));
    return !stems.has(stem) && stems.add(stem);
  });
}

/** Programs look at suffixes: none is told that a folder is an archive. */
const withoutArchives = (name: string): string => name.replace(/(?<=[^/])\.(?:cbz|zip)(?=\/)/gi, '');

/** How a one-shot translator's pages are named in a batch. */
export const batchNamesOf = (
  translator: OneShotTranslator,
  naming: NonNullable<BatchNames['naming']>,
): BatchNames => ({
  nameInBatch: (page) => withoutArchives(translator.nameInBatch?.(page) ?? page),
  format: translator.format,
  naming,
});
