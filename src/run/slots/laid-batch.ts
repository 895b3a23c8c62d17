import type { PageFailure, WorkAssignment } from '../../dispatch/assignment.ts';
import type { Page, PageId, PageSize } from '../../model/page.ts';
import type { Slot } from '../../model/slot.ts';
import type { BatchFolder } from '../../store/outputs/batch-folder.ts';
import type { CopiesOfBatch } from '../../store/outputs/changed-copies.ts';
import { batchPlacesOf } from '../../store/outputs/names-of-batch.ts';
import type { BatchFolders, OneShotTranslator } from '../../translators/translator.ts';
import type { BatchPlaces } from '../../workers/batch-places.ts';
import type { BatchNames } from '../../workers/output-names.ts';
import type { ChildImages } from '../../workers/understand-names.ts';
import type { LinkedPage } from '../staging/batch-staging.ts';
import type { GivenBatch } from './made-instead.ts';
import type { OneShotContext } from './one-shot-context.ts';
import { unreadablePage } from './record-success.ts';
import { type InputNames, imagesAmong } from './unnamed-outputs.ts';

/** A batch as it lies in its folder for one child: which pages, for which program, under which names. */
export class LaidBatch implements GivenBatch {
  readonly slot: Slot;
  readonly folder: BatchFolder;
  /** The program may refuse an argument on another slot meanwhile: this batch keeps the one that it began with. */
  readonly translator: OneShotTranslator;
  readonly names: BatchNames;
  /** The batch's folders, and its page where the program takes one. */
  readonly folders: BatchFolders;
  readonly pages = new Map<PageId, Page>();
  readonly sourceBytes = new Map<PageId, number>();
  /** Of pages whose header tells it. */
  readonly sizes = new Map<PageId, PageSize>();
  readonly copies = new Set<PageId>();
  /** Pages whose links lead to the originals. */
  readonly linked: LinkedPage[] = [];
  /** Its links lead to copies: it is to show what the program does to its input. */
  readonly isTrial: boolean;
  readonly #run: OneShotContext;
  readonly #assigned: readonly Page[];
  readonly #places: BatchPlaces;
  #placed: ReadonlyMap<string, number> | undefined;

  constructor({ slot, pages }: WorkAssignment, folder: BatchFolder, run: OneShotContext) {
    const translator = run.translator.now;
    const { format } = translator;
    this.slot = slot;
    this.folder = folder;
    this.translator = translator;
    this.isTrial = run.links.isTrial;
    this.#run = run;
    this.#assigned = pages;
    this.#places = batchPlacesOf(translator, pages);
    this.names = { nameInBatch: this.nameOf, format, naming: run.naming };
    const { input, output } = folder;
    const [page] = translator.takesOnePage ? pages : [];
    this.folders = { input, output, ...(page && { page: this.nameOf(page.id) }) };
  }

  /** Links the pages into the batch. Returns those that are no images, which are not for a child. */
  async fill(): Promise<PageFailure[]> {
    const { inspector, links, optionsHash, recorder, fillInTurn, costs } = this.#run;
    const { ready, unreadable } = await fillInTurn(() =>
      this.folder.fill(this.#assigned, {
        inspector,
        links,
        isTrial: this.isTrial,
        options: optionsHash,
        outputs: this.outputs,
        names: this.names,
      }),
    );
    for (const { page, size, ...source } of ready) {
      if (size) {
        this.sizes.set(page.id, size);
        costs.sized(page.id, size.width * size.height);
      }
      recorder.handOver(page, source);
      this.pages.set(page.id, page);
      this.sourceBytes.set(page.id, source.sighting.bytes);
      const { isCopy, sighting } = source;
      if (!isCopy) this.linked.push({ page, name: this.nameOf(page.id), sighting });
      // On trial a file's copy is behind a link.
      if (source.isCopy && !(this.isTrial && page.entry === undefined)) this.copies.add(page.id);
    }
    const names = ready.map(({ page }) => this.nameOf(page.id));
    this.#placed = await this.folder.makeReady(this.translator, names);
    return unreadable.map(({ page, ...why }) => unreadablePage(page, why));
  }

  /** Its pages, with the sizes of their sources and their names in it. */
  get given(): CopiesOfBatch['pages'] {
    return [...this.pages.values()].map((page) => ({
      page,
      bytes: this.sourceBytes.get(page.id) ?? 0,
      name: this.nameOf(page.id),
    }));
  }

  /** A page's relative name in the batch. */
  get nameOf(): (page: PageId) => string {
    return this.#places.nameOf;
  }

  /** Where a file of a child belongs, by its name relative to the child's outputs. */
  get placeOf(): (name: string) => string {
    return this.#places.placeOf;
  }

  /** Where outputs are expected. */
  get outputs(): string {
    return this.translator.outputsOf(this.folder);
  }

  /** See `OneShotStart`. */
  get placed(): ReadonlyMap<string, number> | undefined {
    return this.#placed;
  }

  /** What inputs there are, asked by names in this batch. */
  get inputs(): InputNames {
    const { ids, isPlaceOfPage } = this.#run.inputs;
    return { ids, isPlaceOfPage: (name) => isPlaceOfPage(this.placeOf(name)) };
  }

  /** The images among a child's files, for what its names tell. */
  readonly imagesOf = (others: readonly string[]): ChildImages => ({
    pages: [...this.pages.keys()].map(this.nameOf),
    images: imagesAmong(others),
  });
}
