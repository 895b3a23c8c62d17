import { lstat, readdir } from 'node:fs/promises';
import path from 'node:path';
import { unlessOutOfFiles } from '../model/open-files.ts';
import type { Page, PageId } from '../model/page.ts';
import { hasImageSuffix } from '../pages/image-format.ts';
import { sameForm } from '../pages/name-form.ts';
import { outputNameOf, stemOf } from '../pages/output-name.ts';

/** Under which names pages stand in a batch, and with which suffix their outputs come. */
export interface BatchNames {
  /** A page's relative name in the batch. */
  readonly nameInBatch: (page: PageId) => string;
  /** Suffix of all outputs, without a dot; missing: each page's own. */
  readonly format: string | undefined;
}

/** Says which page of a batch an output file belongs to: its exact name, else the image of its stem. Names are compared in one form. */
export class OutputNames {
  readonly #byStem = new Map<string, PageId>();
  readonly #names: BatchNames;

  /** No two of the pages may have one stem, in whatever form. */
  constructor(pages: readonly Page[], names: BatchNames) {
    this.#names = names;
    for (const { id } of pages) this.#byStem.set(sameForm(stemOf(names.nameInBatch(id))), id);
  }

  pageOf(name: string): PageId | undefined {
    const page = this.#byStem.get(sameForm(stemOf(name)));
    return page !== undefined && (this.#isNameOf(page, name) || hasImageSuffix(name)) ? page : undefined;
  }

  isExact(name: string): boolean {
    const page = this.#byStem.get(sameForm(stemOf(name)));
    return page !== undefined && this.#isNameOf(page, name);
  }

  #isNameOf(page: PageId, name: string): boolean {
    const { nameInBatch, format } = this.#names;
    return sameForm(outputNameOf(nameInBatch(page), format)) === sameForm(name);
  }
}

/** All files below a folder, relative to it, without those that links lead to; none where the folder isn't there. */
export async function listFiles(folder: string, below = ''): Promise<string[]> {
  // A child may have put a link in its place: what that leads to is not its output.
  if (below === '' && (await lstat(folder).catch(() => undefined))?.isSymbolicLink()) return [];
  const entries = await readdir(path.join(folder, below), { withFileTypes: true }).catch(
    unlessOutOfFiles([]),
  );
  const found: string[] = [];
  for (const entry of entries) {
    const name = below === '' ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory()) found.push(...(await listFiles(folder, name)));
    else found.push(name);
  }
  return found;
}
