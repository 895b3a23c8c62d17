import { lstat, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Emit } from '../../model/events.ts';
import { isGood } from '../../model/outcome.ts';
import { type ArchiveFile, type Page, type PageId, WAITING_FOLDER } from '../../model/page.ts';
import { cannotRun } from '../../model/refusal.ts';
import type { RunOptions } from '../../model/run-options.ts';
import { steadyTime } from '../../model/steady-clock.ts';
import type { LedgerWriter } from '../ledger/ledger.ts';
import type { ArchiveLine, LedgerLine } from '../ledger/ledger-line.ts';
import type { FileMover } from '../outputs/file-mover.ts';
import type { SortedChunk } from '../resume/sort-pages.ts';
import type { ArchivePlaces, PackedPlace } from './archive-places.ts';
import {
  type ArchiveAtWork,
  ArchivesAtWork,
  areAllGood,
  endOf,
  hasLaterPage,
  outcomesOf,
  type PageEnd,
} from './archives-at-work.ts';
import { assertOwn } from './assert-own.ts';
import { NotPackable, notPacked } from './not-packable.ts';
import type { Packed, PackedPage } from './pack-archive.ts';
import type { PackedOutputs } from './packed-outputs.ts';
import { PackingThread } from './packing-thread.ts';
import { PagesToPack } from './pages-to-pack.ts';
import { removeWaiting } from './remove-waiting.ts';
import { temporaryFile } from './temporary-archive.ts';

/** What archives are packed with. */
interface PackerSetup {
  readonly outputRoot: string;
  readonly places: ArchivePlaces;
  readonly options: Pick<RunOptions, 'onFailed' | 'overwrite' | 'part'>;
  readonly ledger: Pick<LedgerWriter, 'append'>;
  /** The last line of each archive before this run. */
  readonly lines: ReadonlyMap<PageId, ArchiveLine>;
  readonly packed: Pick<PackedOutputs, 'entryOf' | 'isOwn'>;
  /** The last line of a page before this run. */
  readonly lineOf: (page: PageId) => LedgerLine | undefined;
  readonly mover: Pick<FileMover, 'move'>;
  readonly emit: Emit;
  /** Ends the run: it can't go on. */
  readonly fail: (error: unknown) => void;
  /** Aborted when nothing more is to be begun. */
  readonly kill: AbortSignal;
}

/**
 * Packs each archive once all of its pages have their outcome, one after the other and beside the work on pages. The archive
 * appears whole or not at all: it is written into the state folder, noted in the ledger, and moved. Outputs wait until all
 * of the archive's pages are good.
 */
export class ArchivePacker {
  readonly #setup: PackerSetup;
  readonly #atWork = new ArchivesAtWork();
  readonly #thread = new PackingThread();
  readonly #pages: PagesToPack;
  /** Which archive has come out in this run under a name. */
  readonly #packedAs = new Map<string, PageId>();
  #packing: Promise<void> = Promise.resolve();
  /** The first of those that could not be packed for a reason of their own. */
  #notPacked: NotPackable | undefined;

  constructor(setup: PackerSetup) {
    this.#setup = setup;
    this.#pages = new PagesToPack({ ...setup, onFailed: setup.options.onFailed });
  }

  /**
   * Takes note of the pages of a chunk, before the first of them ends.
   * @throws Refusal where something that no run wrote stands where an archive goes
   */
  async found(chunk: SortedChunk): Promise<void> {
    const { options, places, lines, packed, lineOf } = this.#setup;
    const adopted = new Map(chunk.lines.map((line) => [line.page, line]));
    const files = this.#atWork.found(chunk, ({ id }: Page): PageEnd => {
      const line = adopted.get(id) ?? lineOf(id);
      return line ? endOf(line) : { outcome: 'failed' };
    });
    await assertOwn(files, { places, lines, packed, overwrite: options.overwrite });
    for (const archive of this.#atWork.takeDone(files)) this.#packSoon(archive);
    // What waited may still be there where a run was killed once it had packed the archive.
    const settled = new Set(chunk.walked.flatMap(({ settledIn }) => settledIn ?? []));
    if (settled.size === 0 || (await this.#nothingWaits())) return;
    for (const id of settled) await removeWaiting(this.#setup.outputRoot, places.outputsOf(id));
  }

  async #nothingWaits(): Promise<boolean> {
    const waiting = path.join(this.#setup.outputRoot, WAITING_FOLDER);
    return (await lstat(waiting).catch(() => undefined)) === undefined;
  }

  /** Takes note of how a page ended. */
  readonly ended = (page: Page, end: PageEnd): void => {
    const archive = this.#atWork.ended(page, end);
    if (archive) this.#packSoon(archive);
  };

  /** Settles once all archives are packed whose pages are done. */
  async finish(): Promise<void> {
    await this.#packing;
    await this.#thread.close();
    if (this.#notPacked === undefined) return;
    this.#setup.fail(cannotRun(this.#notPacked.message, 'run the same command to resume'));
  }

  #packSoon(archive: ArchiveAtWork): void {
    this.#packing = this.#packing
      .then(() => (this.#setup.kill.aborted ? undefined : this.#pack(archive)))
      .catch((error: unknown) => {
        if (error instanceof NotPackable) this.#tellNotPacked(error);
        else this.#setup.fail(error);
      });
  }

  /** The others are packed all the same. */
  #tellNotPacked(error: NotPackable): void {
    this.#notPacked ??= error;
    this.#setup.emit({ type: 'notice', level: 'warn', text: `${error.message}. Its pages are kept.` });
  }

  async #pack(archive: ArchiveAtWork): Promise<void> {
    await this.#pages.addLeftOut(archive);
    if (!this.#isWorthIt(archive)) return;
    const pages = await this.#pages.of(archive);
    if (await this.#isThere(archive, pages)) return;
    const { outputRoot, options } = this.#setup;
    const temporary = temporaryFile(outputRoot, archive.file.id, options.part);
    try {
      await this.#packInto(temporary, archive, pages);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
  }

  async #packInto(
    temporary: string,
    archive: ArchiveAtWork,
    pages: ReadonlyMap<string, PackedPage>,
  ): Promise<void> {
    const { file } = archive;
    const beganMs = performance.now();
    const packed = await this.#thread.pack({ archive: file, to: temporary, pages });
    if ('trouble' in packed) throw notPacked(file, packed, temporary);
    const isWhole = packed.missing.length === 0 && this.#isWholeOf(archive);
    const { places, mover, emit } = this.#setup;
    const place = isWhole ? places.whole(file.id) : places.incomplete(file.id);
    const taken = await this.#whyTaken(file.id, place);
    if (taken !== undefined) throw new NotPackable(`${file.id} could not be packed: ${taken}`);
    // Noted first: a file that is there without a line would be somebody else's.
    await this.#note(archive, { ...packed, place });
    await mover.move(temporary, place.file, file.id);
    if (isWhole) await this.#removeIncomplete(file);
    if (isWhole && areAllGood(archive) && archive.ends.size === file.pages)
      await removeWaiting(this.#setup.outputRoot, file.outputs);
    for (const { name, why } of packed.leftOut) {
      emit({
        type: 'notice',
        level: 'warn',
        text: `${place.name}: left out ${JSON.stringify(name)}: ${why}.`,
      });
    }
    emit({
      type: 'archive-packed',
      archive: file.id,
      output: place.name,
      pages: [...archive.ends.values()].filter((end) => end && isGood(end.outcome)).length,
      bytes: packed.bytes,
      seconds: Math.round(performance.now() - beganMs) / 1000,
      ...(!isWhole && { incomplete: true }),
    });
  }

  /** Why nothing may be put in a place: another archive has it, or a file that no run wrote. */
  async #whyTaken(id: PageId, { name, file }: PackedPlace): Promise<string | undefined> {
    const other = this.#packedAs.get(name);
    if (other !== undefined && other !== id) return `${file} is what came of ${other}`;
    this.#packedAs.set(name, id);
    const { places, lines, options } = this.#setup;
    if (name === places.whole(id).name || lines.get(id)?.output === name) return undefined;
    if (options.overwrite === 'all' || (await lstat(file).catch(() => undefined)) === undefined)
      return undefined;
    return `${file} is there, and no run wrote it for this archive: move it away`;
  }

  /** One of that name which no run packed for this archive stays. */
  async #removeIncomplete(archive: ArchiveFile): Promise<void> {
    const { places, packed } = this.#setup;
    const place = places.incomplete(archive.id);
    if (this.#packedAs.has(place.name) || (await lstat(place.file).catch(() => undefined)) === undefined)
      return;
    if (await packed.isOwn(archive, place)) await rm(place.file, { force: true });
  }

  /** Without a good page there is nothing to pack. */
  #isWorthIt({ ends }: ArchiveAtWork): boolean {
    const isAnyGood = [...ends.values()].some((end) => end && isGood(end.outcome));
    return isAnyGood || this.#setup.options.onFailed === 'copy';
  }

  /** True where nothing is new, and what an earlier run packed has all of it. */
  async #isThere(archive: ArchiveAtWork, pages: ReadonlyMap<string, PackedPage>): Promise<boolean> {
    if (archive.isNew) return false;
    const { lines, places } = this.#setup;
    const { id, bytes, mtimeMs, directoryCrc } = archive.file;
    const place = this.#isWholeOf(archive) ? places.whole(id) : places.incomplete(id);
    const there = await stat(place.file).catch(() => undefined);
    const line = lines.get(id);
    const isOfThis = line === undefined || (line.bytes === bytes && line.directoryCrc === directoryCrc);
    if (!there || !isOfThis) return false;
    const isNoted = line?.output === place.name && line.outputBytes === there.size;
    if (isNoted && !hasLaterPage(archive, line)) return true;
    // No ledger knows it, or it was edited since.
    const made = [...pages.values()].flatMap((page) => (typeof page === 'string' ? [] : page));
    const isInIt = made.every((page) => 'entry' in page && page.entry.archive.path === place.file);
    if (made.length === 0 || !isInIt) return false;
    await this.#note(archive, { source: { bytes, mtimeMs }, bytes: there.size, place });
    return true;
  }

  /** True where all pages of an archive can be in what is packed of it. */
  #isWholeOf(archive: ArchiveAtWork): boolean {
    return this.#setup.options.onFailed === 'copy' || areAllGood(archive);
  }

  async #note(
    { file, ends }: ArchiveAtWork,
    { source, bytes, place }: Pick<Packed, 'source' | 'bytes'> & { readonly place: PackedPlace },
  ): Promise<void> {
    await this.#setup.ledger.append({
      type: 'archive',
      time: steadyTime(),
      archive: file.id,
      ...source,
      directoryCrc: file.directoryCrc,
      pages: file.pages,
      outcomes: outcomesOf({ ends }),
      output: place.name,
      outputBytes: bytes,
    });
  }
}
