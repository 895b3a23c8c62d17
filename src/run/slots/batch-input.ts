import type { Page, PageId } from '../../model/page.ts';
import type { StagedBatch } from '../staging/batch-staging.ts';
import type { LaidBatch } from './laid-batch.ts';
import type { OneShotContext } from './one-shot-context.ts';
import { commandWords, isContained } from './unseen-pages.ts';

/** What a batch's child reads: links to the originals, or to copies of pages where these are made ahead. */
export class BatchInput {
  readonly #run: Pick<OneShotContext, 'staging' | 'options'>;
  readonly #batch: LaidBatch;
  #staged: StagedBatch | undefined;
  #missing: ReadonlySet<PageId> = new Set();

  constructor(run: Pick<OneShotContext, 'staging' | 'options'>, batch: LaidBatch) {
    this.#run = run;
    this.#batch = batch;
  }

  /** Has pages copied ahead of a child while it runs. */
  async during<T>(child: () => Promise<T>): Promise<T> {
    this.#staged = await this.#stage();
    try {
      return await child();
    } finally {
      this.#missing = (await this.#staged?.end()) ?? this.#missing;
    }
  }

  /** True for a page whose copy something else has removed: its failure says nothing about it. */
  readonly wasMissing = ({ id }: Page): boolean => this.#missing.has(id);

  /** True where the page's link leads to a copy. */
  isStaged(page: PageId): boolean {
    return this.#staged?.isStaged(page) ?? false;
  }

  /** The page needs its copy no more. */
  done(page: PageId): void {
    void this.#staged?.done(page);
  }

  /** Copies are made where they are wanted and the child will see them. */
  async #stage(): Promise<StagedBatch | undefined> {
    const { staging, options } = this.#run;
    const { translator, folders, slot, folder, linked } = this.#batch;
    if (!staging) return undefined;
    const command = commandWords(translator.command(folders, slot));
    if (options.stage === 'auto' && isContained(command)) return undefined;
    return staging.begin(folder, linked);
  }
}
