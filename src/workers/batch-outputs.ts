import { lstat } from 'node:fs/promises';
import path from 'node:path';
import { unlessOutOfFiles } from '../model/open-files.ts';
import type { Page, PageId } from '../model/page.ts';
import type { Inspector } from '../pages/inspector.ts';
import { sameForm } from '../pages/name-form.ts';
import type { OutputPattern } from '../pages/output-pattern.ts';
import type { ChildEnd, FoundOutput } from './found-output.ts';
import { OutputCheck } from './output-check.ts';
import { type BatchNames, listFiles, OutputNames } from './output-names.ts';
import { PageSigns } from './page-signs.ts';
import { QuietFiles } from './quiet-files.ts';
import { SeenChecks } from './seen-checks.ts';
import type { Seen } from './seen-output.ts';
import { SourceCopies } from './source-copies.ts';
import { UnnamedImages } from './unnamed-images.ts';
import { clockNow, writtenMs } from './written-time.ts';

/**
 * Watches what a one-shot translator writes. A file counts once the translator went on to another page or ended, and only
 * if it is whole: until then it may be half written.
 */
export class BatchOutputs {
  /** Of the page that the translator is on. Files that appear are added here; what its log names, by whoever reads that. */
  readonly signs = new PageSigns();
  /** Images that may be outputs, as long as there are none. */
  readonly unnamed: UnnamedImages;
  readonly #folder: string;
  readonly #root: string | undefined;
  readonly #pages: ReadonlyMap<PageId, Page>;
  readonly #names: OutputNames;
  readonly #checks: SeenChecks;
  readonly #seen = new Map<string, Seen>();
  readonly #taken = new Set<PageId>();
  readonly #copies: SourceCopies;
  /** Files that belong to no page, or to one that has its output: they move along at the batch's end. */
  #others = new Set<string>();
  readonly #quiet: QuietFiles;
  readonly #placed: ReadonlyMap<string, number>;
  readonly #beganMs = performance.now();
  /** When the last look began: what it did not see was written later. */
  #lookedMs = this.#beganMs;
  /** How outputs were named at the last look. */
  #pattern: OutputPattern;

  constructor({
    folder,
    root,
    pages,
    names,
    sourceBytes,
    inspector,
    placed = new Map(),
  }: {
    folder: string;
    /** See `listFiles`. */
    root?: string;
    pages: readonly Page[];
    names: BatchNames;
    /** Size of each page's source, in bytes. */
    sourceBytes: ReadonlyMap<PageId, number>;
    inspector: Pick<Inspector, 'verify'>;
    /** See `OneShotStart`. */
    placed?: ReadonlyMap<string, number> | undefined;
  }) {
    this.#placed = placed;
    this.#folder = folder;
    this.#root = root;
    this.#quiet = new QuietFiles(folder);
    this.#pages = new Map(pages.map((page) => [page.id, page]));
    this.#copies = new SourceCopies(this.#pages.size);
    this.#names = new OutputNames(pages, names);
    this.#pattern = this.#names.pattern;
    const check = new OutputCheck({ folder, pages: this.#pages, sourceBytes, inspector });
    this.#checks = new SeenChecks({ folder, check, copies: this.#copies });
    this.unnamed = new UnnamedImages({ folder, names: this.#names, check, signs: this.signs });
  }

  /** Looks for files that were not there before. Returns the pages they are of, in the order they were written. */
  async look({ isLast = false } = {}): Promise<Pick<Seen, 'page' | 'writtenMs'>[]> {
    const fresh: Pick<Seen, 'page' | 'name' | 'ctimeMs' | 'before'>[] = [];
    await this.#forgetRewritten({ isLast });
    if (this.#names.pattern !== this.#pattern) this.#lookAnew();
    const notBeforeMs = this.#lookedMs;
    this.#lookedMs = performance.now();
    // What the child renamed or removed since is not among them.
    const others = new Set<string>();
    for (const name of await listFiles(this.#folder, this.#root)) {
      if (this.#seen.has(name)) continue;
      const page = this.#others.has(name) ? undefined : this.#names.pageOf(name);
      const placedMs = this.#placed.get(sameForm(name));
      if (page === undefined || this.#taken.has(page)) {
        if (placedMs === undefined) others.add(name);
        continue;
      }
      // A link has a time of its own; what leads to no file is seen, as a broken output.
      const stats = await lstat(path.join(this.#folder, name)).catch(unlessOutOfFiles(undefined));
      if (stats && stats.ctimeMs !== placedMs)
        fresh.push({ page, name, ctimeMs: stats.ctimeMs, before: stats });
    }
    this.#others = others;
    if (fresh.length === 0 && this.areNone) await this.unnamed.add(others, notBeforeMs);
    // One clock for all of them: their order is that of their disk.
    const now = clockNow();
    const files = fresh
      .sort((a, b) => a.ctimeMs - b.ctimeMs)
      .map((file) => ({ ...file, notBeforeMs, writtenMs: writtenMs(file, { notBeforeMs }, now) }));
    for (const file of files) {
      this.#seen.set(file.name, { ...file, sign: this.signs.written(file.page, file.writtenMs) });
    }
    return files;
  }

  /**
   * Whole outputs that count now, in the order they were written. Once the child has ended, all that are whole; copies of
   * their source are among them only then: some scripts copy all pages first and translate the copies afterwards.
   */
  async settled(end?: ChildEnd): Promise<FoundOutput[]> {
    if (end) this.#passOverUnclear();
    const found: FoundOutput[] = [];
    const copies: { readonly seen: Seen; readonly output: FoundOutput }[] = [];
    const open = [...this.#seen.values()].filter(
      (seen) => (end || this.#isReady(seen)) && !this.#isSettled(seen),
    );
    for (const { seen, output } of await this.#checks.outputsOf(
      end ? open : await this.#checks.changed(open),
    )) {
      // A page may have several files: the first whole one counts.
      if (!output || this.#taken.has(seen.page)) continue;
      if (seen.copy) copies.push({ seen, output });
      else found.push(this.#take(seen, output));
    }
    if (end && this.#copies.areResults(copies, end)) {
      for (const { seen, output } of copies) found.push(this.#take(seen, output));
    }
    return found;
  }

  /**
   * True once every page has an output that is whole by its format's end, and none that is still here has been seen to
   * change for `unchangedMs`. Asked again and again: it remembers when each was last seen to change.
   */
  async areDone(unchangedMs: number): Promise<boolean> {
    const open = [...this.#seen.values()].filter(({ page }) => !this.#taken.has(page));
    if (this.#taken.size + new Set(open.map(({ page }) => page)).size < this.#pages.size) return false;
    const quietMs = await this.#quiet.quietMs(open.map(({ name }) => name));
    return quietMs >= unchangedMs && this.#areWhole(open.filter((seen) => !this.#isSettled(seen)));
  }

  /** True for outputs of which none is cut, and none a copy of its source that is perhaps still to be translated. */
  async #areWhole(open: readonly Seen[]): Promise<boolean> {
    let lastCopyMs = Number.NEGATIVE_INFINITY;
    for (const { seen, output } of await this.#checks.outputsOf(open)) {
      if (!output?.endChecked) return false;
      if (seen.copy) lastCopyMs = Math.max(lastCopyMs, output.writtenMs);
    }
    return lastCopyMs === Number.NEGATIVE_INFINITY || this.#copies.areResultsAlready(lastCopyMs);
  }

  #take(seen: Seen, output: FoundOutput): FoundOutput {
    this.#taken.add(seen.page);
    this.#seen.delete(seen.name);
    if (!seen.copy) this.#copies.translated(output.writtenMs);
    return { ...output, equalsSource: seen.copy !== undefined };
  }

  /** How many outputs that do not count yet are whole by their format's end, copies of sources by themselves: the page in flight may be done. */
  async countUnsettled(): Promise<{ whole: number; copies: number }> {
    const count = { whole: await this.unnamed.countWhole(), copies: 0 };
    for (const { seen, output } of await this.#checks.outputsOf([...this.#seen.values()])) {
      if (output?.endChecked) count[seen.copy ? 'copies' : 'whole'] += 1;
    }
    return count;
  }

  /** After the end: pages whose file is there and is no whole output, with the reason. A copy that was not translated is none. */
  broken(): Promise<Map<PageId, string>> {
    const left = [...this.#seen.values()].filter(({ page, copy }) => !this.#taken.has(page) && !copy);
    return this.#checks.whyBroken(left);
  }

  /** True where no file was seen that is, or should be, a page's output. */
  get areNone(): boolean {
    return this.#seen.size + this.#taken.size === 0;
  }

  /** After the end: files beside the outputs, relative to the output folder. Broken outputs are not among them. */
  get others(): string[] {
    for (const [name, { page }] of this.#seen) if (this.#taken.has(page)) this.#others.add(name);
    return [...this.#others];
  }

  /** The translator went on since, and it is certain whose output it would be. */
  #isReady({ sign, copy, page }: Seen): boolean {
    return sign !== this.signs.count && !copy && !this.#names.isUncertain(page);
  }

  /** Where the child's other images say that its outputs may have other names, those of pages are none. */
  #passOverUnclear(): void {
    if (!this.#names.areUnclear([...this.#seen.keys(), ...this.#others])) return;
    for (const name of this.#seen.keys()) this.#others.add(name);
    this.#seen.clear();
  }

  /** It is known by now how outputs are named: what was none may be one. */
  #lookAnew(): void {
    this.#pattern = this.#names.pattern;
    this.#lookedMs = this.#beganMs;
    this.#others.clear();
    this.#seen.clear();
    this.unnamed.forget();
  }

  /** Copies of sources that were written again since: news, as if they had not been there before. */
  async #forgetRewritten(look: { readonly isLast: boolean }): Promise<void> {
    const copies = [...this.#seen.values()].flatMap(({ copy }) => copy ?? []);
    for (const { name } of await this.#copies.rewrittenOf(copies, look)) this.#seen.delete(name);
  }

  /** True where another file is the page's output, or would be. */
  #isSettled({ page, name }: Seen): boolean {
    if (this.#taken.has(page)) return true;
    if (this.#names.isExact(name)) return false;
    return [...this.#seen.values()].some((other) => other.page === page && this.#names.isExact(other.name));
  }
}
