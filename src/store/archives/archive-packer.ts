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
import { type ArchivePlaces, type PackedPlace, temporaryFile } from './archive-places.ts';
import {
  type ArchiveAtWork,
  ArchivesAtWork,
  areAllGood,
  outcomesOf,
  type PageEnd,
} from './archives-at-work.ts';
import { assertOwn } from './assert-own.ts';
import { NotPackable, notPacked } from './not-packable.ts';
import type { Packed, PackedPage } from './pack-archive.ts';
import type { PackedOutputs } from './packed-outputs.ts';
import { PackingThread } from './packing-thread.ts';
import { removeWaiting } from './remove-waiting.ts';

/** What archives are packed with. */
interface PackerSetup {
  readonly outputRoot: string;
  readonly places: ArchivePlaces;
  readonly options: Pick<RunOptions, 'onFailed' | 'overwrite'>;
  readonly ledger: Pick<LedgerWriter, 'append'>;
  /** The last line of each archive before this run. */
  readonly lines: ReadonlyMap<PageId, ArchiveLine>;
  readonly packed: Pick<PackedOutputs, 'entryOf'>;
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
  /** Which archive has come out in this run under a name. */
  readonly #packedAs = new Map<string, PageId>();
  #packing: Promise<void> = Promise.resolve();
  /** The first of those that could not be packed for a reason of their own. */
  #notPacked: NotPackable | undefined;

  constructor(setup: PackerSetup) {
    this.#setup = setup;
  }

  /**
   * Takes note of the pages of a chunk, before the first of them ends.
   * @param lineOf the line of a page that is done
   * @throws Refusal where a file that no run wrote stands where an archive goes
   */
  async found(chunk: SortedChunk, lineOf: (page: PageId) => LedgerLine | undefined): Promise<void> {
    const adopted = new Map(chunk.lines.map((line) => [line.page, line]));
    const endOf = ({ id }: Page): PageEnd => {
      const line = adopted.get(id) ?? lineOf(id);
      return { outcome: line?.outcome ?? 'failed', at: line?.output?.path, time: line?.time };
    };
    const files = this.#atWork.found(chunk, endOf);
    const { options, places, lines } = this.#setup;
    await assertOwn(
      files.map(({ id }) => id),
      { places, lines, overwrite: options.overwrite },
    );
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
    const { file } = archive;
    if (!(await this.#isWorthIt(archive))) return;
    const beganMs = performance.now();
    const temporary = temporaryFile(this.#setup.outputRoot, file.id);
    const packed = await this.#thread.pack({
      archive: file,
      to: temporary,
      pages: await this.#pagesOf(archive),
    });
    if ('trouble' in packed) {
      await rm(temporary, { force: true });
      throw notPacked(file, packed, temporary);
    }
    const isWhole = this.#isWhole(archive, packed);
    const { places, mover, emit } = this.#setup;
    const place = isWhole ? places.whole(file.id) : places.incomplete(file.id);
    const taken = await this.#whyTaken(file.id, place);
    if (taken !== undefined) {
      await rm(temporary, { force: true });
      throw new NotPackable(`${file.id} could not be packed: ${taken}`);
    }
    // Noted first: a file that is there without a line would be somebody else's.
    await this.#note(archive, { packed, place });
    await mover.move(temporary, place.file, file.id);
    if (isWhole) await this.#removeIncomplete(file.id);
    if (isWhole && areAllGood(archive) && archive.ends.size === packed.pages)
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
  async #removeIncomplete(id: PageId): Promise<void> {
    const { places, lines } = this.#setup;
    const { name, file } = places.incomplete(id);
    if (lines.get(id)?.output === name) await rm(file, { force: true });
  }

  /** Nothing good, nothing new: what an earlier run packed stays. */
  async #isWorthIt(archive: ArchiveAtWork): Promise<boolean> {
    const { lines, places, options } = this.#setup;
    const ends = [...archive.ends.values()];
    const copies = options.onFailed === 'copy';
    if (!copies && !ends.some((end) => end && isGood(end.outcome))) return false;
    const { id, bytes, mtimeMs } = archive.file;
    const line = lines.get(id);
    if (archive.isNew || line === undefined) return true;
    const packedMs = Date.parse(line.time);
    if (
      ends.some(
        (end) => end?.time !== undefined && Date.parse(end.time) > packedMs && end.outcome !== 'failed',
      )
    )
      return true;
    const wanted = copies || areAllGood(archive) ? places.whole(id) : places.incomplete(id);
    if (line.output !== wanted.name || line.bytes !== bytes || line.mtimeMs !== mtimeMs) return true;
    const there = await stat(wanted.file).catch(() => undefined);
    return there?.size !== line.outputBytes;
  }

  async #pagesOf({ file, ends }: ArchiveAtWork): Promise<Map<string, PackedPage>> {
    const original = this.#setup.options.onFailed === 'copy' ? 'original' : 'left-out';
    const pages = new Map<string, PackedPage>();
    for (const [name, end] of ends) {
      if (end === undefined || end.outcome === 'failed') pages.set(name, original);
      else pages.set(name, end.at === undefined ? 'original' : await this.#madeAt(end.at, file));
    }
    return pages;
  }

  /** A page of an earlier run may be in the archive that it packed, and nowhere else. */
  async #madeAt(at: string, archive: ArchiveFile): Promise<PackedPage> {
    const { outputRoot, packed } = this.#setup;
    const file = path.join(outputRoot, at);
    if ((await lstat(file).catch(() => undefined)) !== undefined) return { file };
    const entry = await packed.entryOf(archive, at);
    return entry ? { entry } : { file };
  }

  #isWhole(archive: ArchiveAtWork, { missing }: Packed): boolean {
    return missing.length === 0 && (this.#setup.options.onFailed === 'copy' || areAllGood(archive));
  }

  async #note(
    archive: ArchiveAtWork,
    { packed, place }: { readonly packed: Packed; readonly place: PackedPlace },
  ): Promise<void> {
    const { file } = archive;
    await this.#setup.ledger.append({
      type: 'archive',
      time: steadyTime(),
      archive: file.id,
      bytes: file.bytes,
      mtimeMs: file.mtimeMs,
      directoryCrc: packed.directoryCrc,
      pages: packed.pages,
      outcomes: outcomesOf(archive),
      output: place.name,
      outputBytes: packed.bytes,
    });
  }
}
