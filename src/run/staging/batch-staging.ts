import pLimit from 'p-limit';
import type { Page, PageId } from '../../model/page.ts';
import { hasSameTimes, type SourceSighting } from '../../pages/source-sighting.ts';
import { inTurn } from '../../schedule/in-turn.ts';
import type { BatchFolder } from '../../store/outputs/batch-folder.ts';
import type { PageRecorder } from '../../store/outputs/recorder.ts';
import type { Stage } from './stage.ts';
import type { StagedPage } from './staged-page.ts';

/** A page of a batch whose link leads to the original. */
export interface LinkedPage {
  readonly page: Page;
  /** In the batch. */
  readonly name: string;
  /** What the original was when it was linked. */
  readonly sighting: SourceSighting;
}

/** What batches need of the run. */
interface BatchStagingSetup {
  readonly recorder: Pick<PageRecorder, 'contentRead'>;
  /** Pages that no batch has yet, in the order in which they will be taken. */
  readonly waiting: (most: number) => readonly Page[];
}

/**
 * Copies the pages of batches ahead of their children: a child begins with links to the originals, and each link leads to the copy
 * once that is there, until the page is done. So a batch of any size is staged as far as there is room.
 */
export class BatchStaging {
  readonly #setup: BatchStagingSetup;
  readonly #atWork = new Set<StagedBatch>();
  #stage: Stage | undefined;

  constructor(setup: BatchStagingSetup) {
    this.#setup = setup;
  }

  /** The stage that makes the copies. */
  use(stage: Stage): void {
    this.#stage = stage;
  }

  /** See `StageSetup`. */
  readonly upcoming = (most: number): readonly Page[] => {
    const pages = inTurn(
      [...this.#atWork].map((batch) => batch.next(most)),
      most,
    );
    return [...pages, ...this.#setup.waiting(most - pages.length)];
  };

  /** See `StageSetup`. */
  readonly arrived = (page: Page): void => {
    for (const batch of this.#atWork) if (batch.has(page)) void batch.give(page);
  };

  /** A batch that lies ready: its child is started next. Pages of which there are copies have them then. */
  async begin(
    folder: Pick<BatchFolder, 'relink'>,
    pages: readonly LinkedPage[],
  ): Promise<StagedBatch | undefined> {
    const stage = this.#stage;
    // What later batches have may be copied while one works that has copies of its own.
    if (pages.length === 0) stage?.begin();
    if (!stage || pages.length === 0) return undefined;
    const batch = new StagedBatch({ stage, folder, pages, recorder: this.#setup.recorder }, () =>
      this.#atWork.delete(batch),
    );
    this.#atWork.add(batch);
    await Promise.all(pages.map(({ page }) => batch.give(page)));
    stage.begin();
    return batch;
  }
}

interface StagedBatchSetup extends Pick<BatchStagingSetup, 'recorder'> {
  readonly stage: Stage;
  readonly folder: Pick<BatchFolder, 'relink'>;
}

/** A batch whose links lead to copies as these come. */
export class StagedBatch {
  readonly #setup: StagedBatchSetup;
  readonly #over: () => void;
  readonly #pages: ReadonlyMap<PageId, LinkedPage>;
  /** Pages that are not done. */
  readonly #open: Map<PageId, Page>;
  /** Copies that links lead to. */
  readonly #given = new Map<PageId, StagedPage>();
  readonly #inTurn = pLimit(1);

  constructor(
    { pages, ...setup }: StagedBatchSetup & { readonly pages: readonly LinkedPage[] },
    over: () => void,
  ) {
    this.#setup = setup;
    this.#over = over;
    this.#pages = new Map(pages.map((linked) => [linked.page.id, linked]));
    this.#open = new Map(pages.map(({ page }) => [page.id, page]));
  }

  /** The first pages that are not done and have no copy. */
  next(most: number): readonly Page[] {
    const pages: Page[] = [];
    for (const [id, page] of this.#open) {
      if (pages.length >= most) break;
      if (!this.#given.has(id)) pages.push(page);
    }
    return pages;
  }

  has({ id }: Page): boolean {
    return this.#pages.has(id);
  }

  /** Lets the page's link lead to its copy, where there is one. Never rejects. */
  give(page: Page): Promise<void> {
    return this.#inTurn(async () => {
      const { stage, folder, recorder } = this.#setup;
      const linked = this.#pages.get(page.id);
      const copy = stage.takeReady(page);
      if (!copy || !linked) return;
      // Its child would get something else than what is on record.
      const isSame = hasSameTimes(copy.found.source, linked.sighting);
      const isGiven =
        isSame &&
        this.#open.has(page.id) &&
        (await folder.relink(linked.name, { from: page.path, to: copy.path }));
      if (!isGiven) return stage.remove(copy);
      this.#given.set(page.id, copy);
      if (copy.content) recorder.contentRead(page.id, copy.content);
    });
  }

  /** True where the page's link leads to a copy. */
  isStaged(page: PageId): boolean {
    return this.#given.has(page);
  }

  /** The page needs its copy no more: the link leads to the original again, for a program that comes back to it. Never rejects. */
  done(page: PageId): Promise<void> {
    this.#open.delete(page);
    return this.#inTurn(() => this.#takeBack(page));
  }

  /** The child has ended. Returns the pages whose copies were gone by then: they had no input. Never rejects. */
  async end(): Promise<ReadonlySet<PageId>> {
    const lost = new Set<PageId>();
    const open = new Set(this.#open.keys());
    this.#open.clear();
    this.#over();
    // In turn: a copy that is being given now is taken back, too.
    await this.#inTurn(async () => {
      for (const [page, copy] of [...this.#given]) {
        if (open.has(page) && (await this.#setup.stage.hasLost(copy))) lost.add(page);
        await this.#takeBack(page);
      }
    });
    return lost;
  }

  async #takeBack(page: PageId): Promise<void> {
    const { stage, folder } = this.#setup;
    const copy = this.#given.get(page);
    const linked = this.#pages.get(page);
    if (!copy || !linked) return;
    this.#given.delete(page);
    await folder.relink(linked.name, { from: copy.path, to: copy.page.path });
    await stage.remove(copy);
  }
}
