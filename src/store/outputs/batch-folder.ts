import { constants } from 'node:fs';
import { chmod, lstat, readlink, rename, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type Page, type PageId, type PageSize, type SourceStamp, sourceOf } from '../../model/page.ts';
import { removeFile } from '../../model/remove-file.ts';
import type { Inspector, ProbeJob, SourceProbe } from '../../pages/inspector.ts';
import { makeFolder } from '../../pages/make-folder.ts';
import { mapLimited } from '../../pages/map-limited.ts';
import { sameForm } from '../../pages/name-form.ts';
import { openRegular } from '../../pages/open-regular.ts';
import type { OneShotTranslator } from '../../translators/translator.ts';
import type { BatchNames } from '../../workers/output-names.ts';
import type { BatchHead, BatchLine } from './batch-record.ts';
import { diskTrouble } from './disk-errors.ts';
import type { LinkMode } from './link-mode.ts';
import { removeTree } from './remove-tree.ts';
import type { SourceGiven } from './source-watch.ts';

const ANEW = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC;

/** Pages that are looked at in one go: enough to keep the threads busy, few enough to leave no mountain of garbage. */
const PAGES_AT_ONCE = 2048;

const LOOKS_AT_ONCE = 64;
const OWNER_WRITES = 0o200;

/** Stands where there is no answer for a page. */
const NOT_LOOKED_AT: SourceProbe = { ok: false, message: 'it was not looked at' };

/** A page that was looked at before a child gets it. */
interface Prepared {
  readonly ready: readonly ({ readonly page: Page; readonly size?: PageSize } & SourceGiven)[];
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
  /** Copies that its links lead to while its program is on trial. */
  readonly copies: string;
  readonly recordFile: string;
  /** There: its child ended, and what it made may be outputs under names that nobody knows. */
  readonly unnamedMark: string;
  /** There: its child moved originals into it. */
  readonly originalsMark: string;
  readonly #folder: string;
  #isKept = false;
  #relinked = 0;

  constructor(folder: string) {
    this.#folder = folder;
    this.input = path.join(folder, 'in');
    this.output = path.join(folder, 'out');
    this.copies = path.join(folder, 'copies');
    this.recordFile = path.join(folder, 'batch.ndjson');
    this.unnamedMark = path.join(folder, 'unnamed');
    this.originalsMark = path.join(folder, 'originals');
  }

  /**
   * Looks at each page and links (or copies) it into the batch under its relative path; on trial, links lead to copies.
   * @throws Refusal where the disk is the trouble
   */
  async fill(
    pages: readonly Page[],
    {
      inspector,
      links,
      isTrial,
      options,
      outputs,
      names,
    }: {
      inspector: Inspector;
      links: LinkMode;
      /** Links lead to copies, also where the program passes its trial on another slot meanwhile. */
      isTrial: boolean;
      options: string;
      /** Where the child is expected to leave its outputs. */
      outputs: string;
      names: BatchNames;
    },
  ): Promise<Prepared> {
    const ready: Prepared['ready'][number][] = [];
    const unreadable: Prepared['unreadable'][number][] = [];
    try {
      await makeFolder(this.input);
      await makeFolder(this.output);
      const record = await openRegular(this.recordFile, { flags: ANEW });
      try {
        const elsewhere = outputs !== this.output && { outputs: path.relative(this.#folder, outputs) };
        const over = links.areOutputs && { overInput: true as const };
        const head: BatchHead = { v: 1, options, ...elsewhere, ...over };
        await record.writeFile(`${JSON.stringify(head)}\n`);
        const slice = (at: number): readonly Page[] => pages.slice(at, at + PAGES_AT_ONCE);
        let looking = this.#inspect(slice(0), { inspector, links, isTrial, names });
        for (let at = 0; at < pages.length; at += PAGES_AT_ONCE) {
          const some = slice(at);
          const found = await looking;
          // The threads go on with the next pages while these are written down.
          looking = this.#inspect(slice(at + PAGES_AT_ONCE), { inspector, links, isTrial, names });
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
            const { source: sighting, placed, size } = inspection;
            const { bytes, mtimeMs } = sighting;
            ready.push({ page, sighting, isCopy: placed === 'copy', ...(size && { size }) });
            lines += `${JSON.stringify(lineOf(page.id, { bytes, mtimeMs }, names))}\n`;
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
    {
      inspector,
      links,
      isTrial,
      names,
    }: { inspector: Inspector; links: LinkMode; isTrial: boolean; names: BatchNames },
  ): Promise<SourceProbe[]> {
    const jobsOf = (some: readonly Page[]): ProbeJob[] =>
      some.map((page) => {
        const name = names.nameInBatch(page.id);
        const via = isTrial && !links.copies && { via: path.join(this.copies, name) };
        return { ...sourceOf(page), link: path.join(this.input, name), ...via };
      });
    const found = await inspector.probe(jobsOf(pages), { measure: true, copy: links.copies });
    const unlinked = [...pages.keys()].filter((index) => {
      const inspection = found[index];
      return inspection?.ok && inspection.placed === undefined;
    });
    if (unlinked.length === 0) return found;
    links.copyFromNowOn();
    const copied = await inspector.probe(jobsOf(unlinked.flatMap((index) => pages[index] ?? [])), {
      measure: true,
      copy: true,
    });
    for (const [at, index] of unlinked.entries()) found[index] = copied[at] ?? NOT_LOOKED_AT;
    return found;
  }

  /**
   * Makes a filled batch ready for its program: the folder of its page's output is there, and copies of pages can be written over
   * where outputs are among them. Returns what tells these pages from outputs: their names relative to where outputs are, and when
   * each was put there (`ctimeMs`); undefined where outputs are elsewhere.
   */
  async makeReady(
    translator: OneShotTranslator,
    names: readonly string[],
  ): Promise<ReadonlyMap<string, number> | undefined> {
    if (translator.takesOnePage) {
      for (const name of names) await makeFolder(path.dirname(path.join(this.output, name)));
    }
    if (translator.outputsAmongPages !== '') return undefined;
    const placedMs = await mapLimited(names, LOOKS_AT_ONCE, (name) => writable(path.join(this.input, name)));
    return new Map(names.map((name, at) => [sameForm(name), placedMs[at] ?? 0]));
  }

  /**
   * Lets the link of a page lead to another file, in one step. False where it does not lead to `from` any more, or the disk
   * refuses: then it is left as it is.
   */
  async relink(name: string, { from, to }: { readonly from: string; readonly to: string }): Promise<boolean> {
    const link = path.join(this.input, name);
    this.#relinked += 1;
    const passing = path.join(this.#folder, `link-${this.#relinked}`);
    try {
      if ((await readlink(link)) !== from) return false;
      await symlink(to, passing);
      await rename(passing, link);
      return true;
    } catch {
      await removeFile(passing);
      return false;
    }
  }

  /** Set where it has to stay for a later run. */
  get isKept(): boolean {
    return this.#isKept;
  }

  /** It stays for a later run. */
  keep(): void {
    this.#isKept = true;
  }

  /** What its child made may be outputs: it stays until it is known how they are named. */
  keepUnnamed(): Promise<void> {
    return this.#keepFor(this.unnamedMark);
  }

  /** Its child moved originals into it: no run is to remove it. */
  keepOriginals(): Promise<void> {
    return this.#keepFor(this.originalsMark);
  }

  async #keepFor(mark: string): Promise<void> {
    this.keep();
    await writeFile(mark, '').catch((error: unknown) => {
      throw diskTrouble(error, this.#folder);
    });
  }

  /** Removes the batch. */
  remove(): Promise<void> {
    return removeTree(this.#folder);
  }
}

function lineOf(page: PageId, { bytes, mtimeMs }: SourceStamp, { nameInBatch }: BatchNames): BatchLine {
  const name = nameInBatch(page);
  return name === page ? [page, bytes, mtimeMs] : [page, bytes, mtimeMs, name];
}

/** Lets a copy of a page be written over, whatever its original allows. Returns its `ctimeMs`. */
async function writable(copy: string): Promise<number> {
  const { mode, ctimeMs } = await lstat(copy);
  if ((mode & OWNER_WRITES) !== 0) return ctimeMs;
  await chmod(copy, mode | OWNER_WRITES);
  return (await lstat(copy)).ctimeMs;
}
