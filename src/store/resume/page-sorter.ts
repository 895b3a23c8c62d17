import { join } from 'node:path';
import type { Page, SourceStamp } from '../../model/page.ts';
import { steadyTime } from '../../model/steady-clock.ts';
import { mapLimited } from '../../pages/map-limited.ts';
import { crcOfFile } from '../../pages/source-crc.ts';
import type { LedgerLine } from '../ledger/ledger-line.ts';
import { type Because, decidePage, type Evidence } from './decide-page.ts';
import { ExistingOutputs } from './existing-output.ts';
import { fileStamps } from './file-stamps.ts';
import { type Notice, type ResumeTally, resumeNotices } from './resume-notices.ts';
import type { ResumeSetup } from './resume-setup.ts';

/** Some pages, sorted out. */
interface SortedPages {
  /** In the order they were given. */
  readonly todo: readonly Page[];
  /** Why each of them is to be done, in their order. */
  readonly because: readonly Because[];
  /** How many more are to do behind the last one that was wanted. */
  readonly later: number;
  readonly skipped: number;
  /** The pages that are skipped. */
  readonly done: readonly Page[];
  /** For the ledger: files that no ledger knew. Their pages count as skipped. */
  readonly adopted: readonly LedgerLine[];
  /** For the ledger: lines with the new time of a source whose content is the same, so that it is read this once. */
  readonly renewed: readonly LedgerLine[];
}

const READS_AT_ONCE = 16;
/** What a page's message says of a child that wrote something else, see `inWords` of other images. */
const WROTE = / \(it wrote (.+?)(?: and \d+ more images?| into its input folder.*| over its own page.*)?\)/s;

/** Sorts out pages chunk by chunk, and says at the end what the user should know of it. */
export class PageSorter {
  readonly #setup: ResumeSetup;
  readonly #standing: ExistingOutputs;
  readonly #todo: Partial<Record<Because, number>> = {};
  readonly #keptByHash = new Map<string, number>();
  #skipped = 0;
  #adopted = 0;
  #touchedUp = 0;
  #strays = 0;
  #stray: ResumeTally['stray'];

  constructor(setup: ResumeSetup) {
    this.#setup = setup;
    this.#standing = new ExistingOutputs(setup);
  }

  get tally(): ResumeTally {
    return {
      todo: this.#todo,
      skipped: this.#skipped,
      adopted: this.#adopted,
      touchedUp: this.#touchedUp,
      keptByHash: this.#keptByHash,
      strays: this.#strays,
      ...(this.#stray && { stray: this.#stray }),
    };
  }

  /** One line for each thing that the user should know, over all pages so far. */
  notices(): Notice[] {
    const { options, optionsByHash } = this.#setup;
    return resumeNotices(this.tally, options, optionsByHash);
  }

  /**
   * Tells the pages to do from those that are done. Reads what it must, and writes nothing. Pages behind the last of `most`
   * to do don't count, nor do those that a stop left unsorted.
   */
  async sortOut(pages: readonly Page[], most = Number.POSITIVE_INFINITY): Promise<SortedPages> {
    const ends = pages.map((page) => this.#endUnseen(page));
    const candidates = await this.#lookAt(pages.filter((_page, at) => ends[at] === undefined));
    await this.#each(candidates, (candidate) => this.#judge(candidate));

    const sorted = {
      todo: [] as Page[],
      because: [] as Because[],
      later: 0,
      skipped: 0,
      done: [] as Page[],
      adopted: [] as LedgerLine[],
      renewed: [] as LedgerLine[],
    };
    let next = 0;
    const judged: Pick<Candidate, 'page' | 'end' | 'stray'>[] = pages.map((page, at) => {
      const end = ends[at];
      return end ? { page, end } : (candidates[next++] ?? { page });
    });
    for (const [at, { page, end, stray }] of judged.entries()) {
      if (end === undefined) continue;
      if ('because' in end) {
        this.#noteStray(page, stray);
        sorted.todo.push(page);
        sorted.because.push(end.because);
        this.#todo[end.because] = (this.#todo[end.because] ?? 0) + 1;
        if (sorted.todo.length >= most) {
          sorted.later = toDoAmong(judged.slice(at + 1));
          break;
        }
        continue;
      }
      sorted.skipped += 1;
      sorted.done.push(page);
      if (end.write) (end.write.adopted ? sorted.adopted : sorted.renewed).push(end.write);
      if (end.touchedUp) this.#touchedUp += 1;
      if (end.keptHash !== undefined) {
        this.#keptByHash.set(end.keptHash, (this.#keptByHash.get(end.keptHash) ?? 0) + 1);
      }
    }
    this.#skipped += sorted.skipped;
    this.#adopted += sorted.adopted.length;
    return sorted;
  }

  /** How many of these pages are to do, of which this run takes none. */
  async countToDo(pages: readonly Page[]): Promise<number> {
    const ends = pages.map((page) => this.#endUnseen(page));
    const candidates = await this.#lookAt(pages.filter((_page, at) => ends[at] === undefined));
    await this.#each(candidates, (candidate) => this.#judge(candidate));
    return toDoAmong(candidates) + toDoAmong(ends.map((end) => ({ end })));
  }

  /** A page that is to do, of which there may be an output under another name. */
  #noteStray(page: Page, stray: string | undefined): void {
    const told = stray ?? WROTE.exec(this.#setup.ledger.get(page.id)?.message ?? '')?.[1];
    if (told === undefined) return;
    this.#strays += 1;
    this.#stray ??= { name: told, page: page.id };
  }

  /** What needs no look at any file. */
  #endUnseen(page: Page): End | undefined {
    if (page.unreadable !== undefined || !this.#setup.outputExisted) return { because: 'new' };
    const judged = decidePage(this.#known(page));
    return judged.verdict === 'do' ? { because: judged.because } : undefined;
  }

  /** Acts on each until the run is stopped. */
  async #each(
    candidates: readonly Candidate[],
    act: (candidate: Candidate) => Promise<void> | undefined,
  ): Promise<void> {
    const { stop } = this.#setup;
    await mapLimited<Candidate, void>(candidates, READS_AT_ONCE, (candidate) =>
      stop?.aborted ? undefined : act(candidate),
    );
  }

  /** Stats all at once, without a promise for each: 100,000 done pages should cost a second. */
  async #lookAt(pages: readonly Page[]): Promise<Candidate[]> {
    const { ledger, outputRoot } = this.#setup;
    const candidates: Candidate[] = pages.map((page) => {
      const line = ledger.get(page.id);
      return { page, line, name: line?.output?.path };
    });
    const unknown = candidates.filter(({ line }) => !line);
    await this.#each(unknown, async (candidate) => {
      const name = await this.#standing.of(candidate.page);
      const owner = name === undefined ? undefined : this.#setup.ownerOf?.(name);
      if (owner === undefined || owner === candidate.page.id) candidate.name = name;
      const stray = name === undefined ? await this.#standing.strayOf(candidate.page) : undefined;
      if (stray !== undefined && this.#setup.ownerOf?.(stray) === undefined) candidate.stray = stray;
    });
    const there = candidates.filter(({ line, name }) => line ?? name);
    if (there.length === 0) return candidates;
    const stampsOf = this.#setup.stampsOf ?? fileStamps;
    const stamps = await stampsOf(
      there.flatMap(({ page, name }) =>
        name === undefined ? page.path : [page.path, join(outputRoot, name)],
      ),
    );
    let next = 0;
    for (const candidate of there) {
      candidate.source = stamps[next++];
      if (candidate.name !== undefined) candidate.output = stamps[next++];
    }
    return candidates;
  }

  /** Sets the candidate's end; answers with a promise only where a file has to be read for it. */
  #judge(candidate: Candidate): Promise<void> | undefined {
    const { page, line, source, output } = candidate;
    const judged = decidePage({
      ...this.#known(page),
      source: source ?? null,
      outputBytes: output?.bytes ?? null,
      ...candidate.read,
    });
    if (judged.verdict === 'look') return this.#read(candidate, judged.at).then(() => this.#judge(candidate));
    if (judged.verdict === 'adopt') return this.#adopt(candidate);
    if (judged.verdict === 'do') {
      candidate.end = { because: judged.because };
      return undefined;
    }
    candidate.end = {
      touchedUp: judged.touchedUp,
      ...(judged.otherOptions && line && { keptHash: line.options }),
      ...(judged.otherTime &&
        line?.source &&
        source && { write: { ...line, source: { ...line.source, mtimeMs: source.mtimeMs } } }),
    };
    return undefined;
  }

  async #read(candidate: Candidate, what: 'source' | 'output' | 'content' | 'wholeness'): Promise<void> {
    const { page, line, name, source } = candidate;
    candidate.read =
      what === 'content'
        ? {
            ...candidate.read,
            sameContent: (await this.#crcOf(page.path, source?.bytes ?? 0)) === line?.source?.crc32,
          }
        : {
            ...candidate.read,
            outputWhole: await this.#setup.isWhole(join(this.#setup.outputRoot, name ?? '')),
          };
  }

  #known(page: Page): Evidence {
    const { ledger, overwrite, overwriteSince, optionsHash } = this.#setup;
    return { line: ledger.get(page.id), overwrite, overwriteSince, optionsHash };
  }

  async #adopt(candidate: Candidate): Promise<void> {
    const { page, name, source, output } = candidate;
    const crc32 = source ? await this.#crcOf(page.path, source.bytes) : undefined;
    if (!source || crc32 === undefined || name === undefined || !output) {
      candidate.end = { because: 'new' };
      return;
    }
    const isSame =
      output.bytes === source.bytes &&
      (await this.#crcOf(join(this.#setup.outputRoot, name), output.bytes)) === crc32;
    const write: LedgerLine = {
      type: 'page-finished',
      time: this.#setup.now?.().toISOString() ?? steadyTime(),
      page: page.id,
      attempt: 0,
      outcome: 'translated',
      source: { ...source, crc32 },
      output: { path: name, bytes: output.bytes },
      ...(isSame && { unchanged: true }),
      options: this.#setup.optionsHash,
      adopted: true,
    };
    candidate.end = { write };
  }

  /** A source that can't be read is left to the run: it words that for the page. */
  async #crcOf(file: string, bytes: number): Promise<number | undefined> {
    return (this.#setup.crcOf ?? crcOfFile)(file, bytes).catch(() => undefined);
  }
}

const toDoAmong = (judged: readonly { readonly end?: End | undefined }[]): number =>
  judged.filter(({ end }) => end && 'because' in end).length;

/** To do, or skipped: `write` goes into the ledger then. */
type End =
  | { readonly because: Because }
  | { readonly write?: LedgerLine; readonly touchedUp?: boolean; readonly keptHash?: string };

/** A page that may be done, and what has been found out about it. */
interface Candidate {
  readonly page: Page;
  readonly line: LedgerLine | undefined;
  /** Of the output that should be there, relative to the output root. */
  name: string | undefined;
  /** An image that may be its output under another name. */
  stray?: string | undefined;
  source?: SourceStamp | null | undefined;
  output?: SourceStamp | null | undefined;
  read?: Pick<Evidence, 'sameContent' | 'outputWhole'>;
  end?: End;
}
