import { join } from 'node:path';
import type { Page, SourceStamp } from '../../model/page.ts';
import { steadyTime } from '../../model/steady-clock.ts';
import { mapLimited } from '../../pages/map-limited.ts';
import { crcOfFile } from '../../pages/source-crc.ts';
import type { LedgerLine } from '../ledger/ledger-line.ts';
import { areOfDemo } from '../ledger/options-hash.ts';
import { type Because, decidePage, type Evidence } from './decide-page.ts';
import { ExistingOutputs } from './existing-output.ts';
import { fileStamps } from './file-stamps.ts';
import { type Bringing, type FoundElsewhere, findElsewhere } from './find-elsewhere.ts';
import { renewedLine } from './renewed-line.ts';
import type { ResumeSetup } from './resume-setup.ts';

/** To do, or skipped: `write` goes into the ledger then. */
type End =
  | { readonly because: Because }
  | {
      readonly write?: LedgerLine;
      readonly touchedUp?: boolean;
      readonly keptHash?: string;
      /** Its output is to be brought to where it belongs before anything is written. */
      readonly bring?: Bringing;
    };

/** A page, and whether it is to do. */
export interface JudgedPage {
  readonly page: Page;
  /** Missing where the run was stopped before it was known. */
  readonly end?: End | undefined;
  /** An image that may be its output under another name. */
  readonly stray?: string | undefined;
}

/** A page that may be done, and what has been found out about it. */
interface Candidate extends JudgedPage {
  readonly line: LedgerLine | undefined;
  /** Of the output that should be there, relative to the output root. */
  name: string | undefined;
  stray?: string | undefined;
  source?: SourceStamp | null | undefined;
  output?: SourceStamp | null | undefined;
  /** It is not where its line says. */
  elsewhere?: FoundElsewhere | undefined;
  read?: Pick<Evidence, 'sameContent' | 'outputWhole'>;
  end?: End;
}

const READS_AT_ONCE = 16;

/** Finds out whether pages are to do: reads what that takes, and writes nothing. */
export class PageJudge {
  readonly #setup: ResumeSetup;
  readonly #standing: ExistingOutputs;
  /** Of options that pages were made with which are to be made again: empty where the demo runs again. */
  readonly #demoHashes: ReadonlySet<string>;

  constructor(setup: ResumeSetup) {
    this.#setup = setup;
    const { optionsByHash, options } = setup;
    const ofDemo = areOfDemo(options) ? [] : [...optionsByHash].filter(([, made]) => areOfDemo(made));
    this.#demoHashes = new Set(ofDemo.map(([hash]) => hash));
    this.#standing = new ExistingOutputs(setup);
  }

  /** Each page with its end, in their order. A stop leaves the rest without one. */
  async judgeAll(pages: readonly Page[]): Promise<JudgedPage[]> {
    const ends = pages.map((page) => this.#endUnseen(page));
    const candidates = await this.#lookAt(pages.filter((_page, at) => ends[at] === undefined));
    await this.#each(candidates, (candidate) => this.#judge(candidate));
    let next = 0;
    return pages.map((page, at) => {
      const end = ends[at];
      return end ? { page, end } : (candidates[next++] ?? { page });
    });
  }

  /** What needs no look at any file. */
  #endUnseen(page: Page): End | undefined {
    if (page.settledIn !== undefined) return this.#settled(page);
    if (page.unreadable !== undefined || !this.#setup.outputExisted) return { because: 'new' };
    const judged = decidePage(this.#known(page));
    return judged.verdict === 'do' ? { because: judged.because } : undefined;
  }

  /** Its archive is whole, so it is done; with other options perhaps. */
  #settled({ id }: Page): End {
    const { ledger, optionsHash } = this.#setup;
    const hash = ledger.get(id)?.options;
    return hash === undefined || hash === optionsHash ? {} : { keptHash: hash };
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
    const { ledger } = this.#setup;
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
    if (there.length > 0) await this.#stamp(there);
    await this.#each(candidates, (candidate) => this.#lookElsewhere(candidate));
    return candidates;
  }

  async #stamp(there: readonly Candidate[]): Promise<void> {
    const { outputRoot } = this.#setup;
    const stamps = await this.#stampsOf(
      there.flatMap(({ page, name }) => [
        ...(page.entry ? [] : [page.path]),
        ...(name === undefined ? [] : [join(outputRoot, name)]),
      ]),
    );
    let next = 0;
    for (const candidate of there) {
      const { entry } = candidate.page;
      candidate.source = entry ? { bytes: entry.bytes, mtimeMs: entry.mtimeMs } : stamps[next++];
      if (candidate.name !== undefined) candidate.output = stamps[next++];
    }
  }

  #stampsOf(paths: readonly string[]): Promise<readonly (SourceStamp | null)[]> {
    return (this.#setup.stampsOf ?? fileStamps)(paths);
  }

  /** The output of a page in an archive may be in what was packed, or in the folder that an archive became. */
  #lookElsewhere(candidate: Candidate): Promise<void> | undefined {
    const { page, line, name, output: file } = candidate;
    const { packed, outputRoot } = this.#setup;
    if (!packed || !page.entry || (line === undefined && name !== undefined)) return undefined;
    const { entry } = page;
    const stampOf = async (at: string): Promise<SourceStamp | null> =>
      (await this.#stampsOf([join(outputRoot, at)]))[0] ?? null;
    return findElsewhere({ ...page, entry }, { line, file }, { packed, stampOf }).then((elsewhere) => {
      if (!elsewhere) return;
      candidate.elsewhere = elsewhere;
      candidate.name = elsewhere.name;
      candidate.output = elsewhere.output;
      candidate.source = { bytes: entry.bytes, mtimeMs: entry.mtimeMs };
      if (elsewhere.isWhole) candidate.read = { outputWhole: true };
    });
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
    const bring = candidate.elsewhere?.bring;
    const write = renewedLine(candidate, judged);
    candidate.end = {
      touchedUp: judged.touchedUp,
      ...(judged.otherOptions && line && { keptHash: line.options }),
      ...(write && { write }),
      ...(bring && { bring }),
    };
    return undefined;
  }

  async #read(candidate: Candidate, what: 'source' | 'output' | 'content' | 'wholeness'): Promise<void> {
    const { page, line, name, source } = candidate;
    candidate.read =
      what === 'content'
        ? {
            ...candidate.read,
            sameContent: (await this.#sourceCrc(page, source?.bytes ?? 0)) === line?.source?.crc32,
          }
        : {
            ...candidate.read,
            outputWhole: await this.#setup.isWhole(join(this.#setup.outputRoot, name ?? '')),
          };
  }

  #known(page: Page): Evidence {
    const { ledger, overwrite, overwriteSince, optionsHash } = this.#setup;
    const line = ledger.get(page.id);
    const isOfDemo = line !== undefined && !line.adopted && this.#demoHashes.has(line.options);
    return { line, overwrite, overwriteSince, optionsHash, isOfDemo };
  }

  async #adopt(candidate: Candidate): Promise<void> {
    const { page, name, source, output, elsewhere } = candidate;
    const crc32 = source ? await this.#sourceCrc(page, source.bytes) : undefined;
    if (!source || crc32 === undefined || name === undefined || !output) {
      candidate.end = { because: 'new' };
      return;
    }
    const isSame =
      !elsewhere &&
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
    candidate.end = { write, ...(elsewhere?.bring && { bring: elsewhere.bring }) };
  }

  /** An archive says it of each entry. */
  #sourceCrc({ path, entry }: Page, bytes: number): Promise<number | undefined> | number {
    return entry ? entry.crc32 : this.#crcOf(path, bytes);
  }

  /** A source that can't be read is left to the run: it words that for the page. */
  async #crcOf(file: string, bytes: number): Promise<number | undefined> {
    return (this.#setup.crcOf ?? crcOfFile)(file, bytes).catch(() => undefined);
  }
}
