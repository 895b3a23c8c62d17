import { type Page, type PageId, placeOf } from '../../model/page.ts';
import type { RunOptions } from '../../model/run-options.ts';
import { hasImageSuffix } from '../../pages/image-format.ts';
import type { ResolvedInputs } from '../../pages/inputs.ts';
import type { Inspector } from '../../pages/inspector.ts';
import type { Claims, Folding } from '../../pages/output-name.ts';
import { dealRound } from '../../pages/part-filter.ts';
import type { Translator } from '../../translators/translator.ts';
import type { PackedOutputs } from '../archives/packed-outputs.ts';
import { type Ledgers, outputOwners } from '../ledger/ledger.ts';
import type { LedgerLine } from '../ledger/ledger-line.ts';
import { type LedgerLines, linesByForm } from '../ledger/lines-by-form.ts';
import type { RunFolders } from '../outputs/run-folders.ts';
import { OutputClaims } from './claim-outputs.ts';
import type { Because } from './decide-page.ts';
import { ExistingOutputs } from './existing-output.ts';
import { type BroughtOutput, PageSorter } from './page-sorter.ts';
import type { Notice, ResumeTally } from './resume-notices.ts';

/** Where `--limit` is reached, the pages behind it are counted for so long: a run need not read all of a huge input for two pages. */
const COUNT_LATER_MS = 500;

/** Pages that came together, sorted out. */
export interface SortedChunk {
  /** All pages that came together, those of other parts and those past `--limit` among them, in the order of the walk. */
  readonly walked: readonly Page[];
  readonly todo: readonly Page[];
  /** Why each of them is to be done, in their order. */
  readonly because: readonly Because[];
  readonly skipped: number;
  /** The pages that are skipped. */
  readonly done: readonly Page[];
  readonly unreadable: readonly Page[];
  readonly collisions: readonly { readonly page: Page; readonly with: PageId }[];
  readonly lines: readonly LedgerLine[];
  /** Outputs of `done` that are to be brought to where they belong, before anybody may hear of them. */
  readonly brought: readonly BroughtOutput[];
}

/** What is known of a run whose pages are sorted out. */
export interface SortedRun {
  readonly inputs: ResolvedInputs;
  readonly folders: Pick<RunFolders, 'output' | 'existed' | 'packed'>;
  readonly translator: Pick<Translator, 'outputName'>;
  readonly byFolder: boolean;
  /** The options that shape the result, redacted, and their hash. */
  readonly shaping: Readonly<Record<string, unknown>>;
  readonly optionsHash: string;
}

/** What pages are sorted out by, besides the options. */
export interface FinderSetup {
  readonly ledgers: Ledgers;
  readonly folding: Folding;
  /** Looks at outputs that no ledger knows. */
  readonly inspector: Pick<Inspector, 'verify'>;
  readonly packed?: PackedOutputs | undefined;
  /** ISO time since when `--overwrite all` has been going on. */
  readonly overwriteSince?: string | undefined;
  /** Aborted when no more pages are to be sorted out: those that aren't are left out then. */
  readonly stop?: AbortSignal | undefined;
}

/** Tells the pages to do from those that are done, chunk by chunk, by ledger and files. Writes nothing. */
export class PageFinder {
  readonly claims: Claims;
  readonly #claiming: OutputClaims;
  readonly #limit: number;
  readonly #ledgers: Ledgers;
  readonly #folding: Folding;
  readonly #stop: AbortSignal | undefined;
  readonly #lines: LedgerLines;
  readonly #ownerOf: (outputPath: string) => PageId | undefined;
  readonly #sorter: PageSorter;
  readonly #standing: ExistingOutputs;
  #isWhole = false;
  #later: number | undefined;

  constructor(
    run: SortedRun,
    { limit, overwrite, part }: Pick<RunOptions, 'limit' | 'overwrite' | 'part'>,
    { ledgers, folding, overwriteSince, inspector, packed, stop }: FinderSetup,
  ) {
    const { inputs, folders, shaping, optionsHash, translator, byFolder } = run;
    this.#limit = limit ?? Number.POSITIVE_INFINITY;
    this.#ledgers = ledgers;
    this.#folding = folding;
    this.#stop = stop;
    this.#lines = linesByForm(ledgers.pages, inputs.root);
    this.#ownerOf = outputOwners(ledgers.pages, folding);
    const outputName = (page: Page): string => placeOf(page, translator.outputName(page.id));
    this.#claiming = new OutputClaims({
      outputRoot: folders.output,
      inputs,
      folding,
      outputName,
      isOurs: part ? dealRound(part, byFolder) : () => true,
      ledger: this.#lines,
      ownerOf: this.#ownerOf,
    });
    this.claims = this.#claiming.claims;
    const places = {
      outputRoot: folders.output,
      outputName,
      isImageName: hasImageSuffix,
    };
    // Its lists of folders are as old as its first look: the sorter's are from before the run's own outputs.
    this.#standing = new ExistingOutputs(places);
    this.#sorter = new PageSorter({
      ...places,
      ledger: this.#lines,
      optionsByHash: ledgers.optionsByHash,
      // A packed archive next to the output folder is there without that folder.
      outputExisted: folders.existed || folders.packed !== undefined,
      overwrite,
      overwriteSince,
      ownerOf: this.#ownerOf,
      stop,
      optionsHash,
      packed,
      options: shaping,
      isWhole: async (file) => {
        const [look] = await inspector.verify([file]);
        return look !== undefined && 'whole' in look.verdict && look.verdict.whole;
      },
    });
  }

  /** Sorts out chunks of all pages, in their order, until `--limit` of ours are to do or the run is stopped. */
  async *sort(chunks: AsyncIterable<readonly Page[]>): AsyncGenerator<SortedChunk> {
    let left = this.#limit;
    let countUntilMs = 0;
    this.#isWhole = false;
    for await (const chunk of chunks) {
      if (this.#stop?.aborted) break;
      if (left <= 0) {
        this.#later = performance.now() < countUntilMs ? await this.#countLater(chunk) : undefined;
        if (this.#later === undefined) break;
        continue;
      }
      const { own, unreadable, collisions } = await this.#claiming.claimPlaces(chunk);
      const sorted = await this.#sorter.sortOut(own, left);
      const { todo, because, later, skipped, done, adopted, renewed, brought } = sorted;
      left -= todo.length;
      const last = left > 0 ? undefined : todo.at(-1);
      const counted = new Set(last ? chunk.slice(0, chunk.indexOf(last)) : chunk);
      yield {
        walked: chunk,
        todo,
        because,
        skipped,
        done,
        unreadable: unreadable.filter((page) => counted.has(page)),
        collisions: collisions.filter(({ page }) => counted.has(page)),
        lines: [...adopted, ...renewed],
        brought,
      };
      if (left <= 0) this.#later = later;
      countUntilMs = performance.now() + COUNT_LATER_MS;
    }
    this.#isWhole = left > 0 && !this.#stop?.aborted;
    // What an earlier run made of a page under another name is not to be written over.
    for (const { output, page } of this.#ledgers.pages.values()) {
      if (output) this.claims.claim(output.path, page, this.#folding);
    }
  }

  async #countLater(chunk: readonly Page[]): Promise<number> {
    const { own } = await this.#claiming.claimPlaces(chunk);
    return (this.#later ?? 0) + (await this.#sorter.countToDo(own));
  }

  /** How many pages are to do that `--limit` leaves for later; undefined where counting them would take long. */
  get later(): number | undefined {
    return this.#later;
  }

  /** The file that stands where a page's output belongs, relative to the output root; none that is another page's. */
  readonly standingOf = async (page: Page): Promise<string | undefined> => {
    const name = await this.#standing.of(page);
    const owner = name === undefined ? undefined : this.#ownerOf(name);
    return owner === undefined || owner === page.id ? name : undefined;
  };

  /** True once `sort` has come to the end of all pages: neither `--limit` nor a stop was in the way. */
  get isWhole(): boolean {
    return this.#isWhole;
  }

  get notices(): readonly Notice[] {
    return this.#sorter.notices();
  }

  /** True for a page that failed when it was last tried. */
  hasFailed(page: PageId): boolean {
    return this.lastLineOf(page)?.outcome === 'failed';
  }

  /** A page's last line before this run. */
  lastLineOf(page: PageId): LedgerLine | undefined {
    return this.#lines.get(page);
  }

  get tally(): ResumeTally {
    return this.#sorter.tally;
  }
}
