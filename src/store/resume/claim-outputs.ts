import { lstat } from 'node:fs/promises';
import path from 'node:path';
import type { Page, PageId } from '../../model/page.ts';
import type { ResolvedInputs } from '../../pages/inputs.ts';
import { mapLimited } from '../../pages/map-limited.ts';
import { Claims, type Folding, outputKey } from '../../pages/output-name.ts';
import type { LedgerLines } from '../ledger/lines-by-form.ts';
import { wayInside } from '../outputs/run-folders.ts';

const LOOKS_AT_ONCE = 64;

/** What the claims of a run's pages need to know. */
interface ClaimSetup {
  readonly outputRoot: string;
  readonly inputs: ResolvedInputs;
  readonly folding: Folding;
  /** Where a page's output belongs, relative to the output root. */
  readonly outputName: (page: Page) => string;
  /** False for a page of another part. */
  readonly isOurs: (page: Page) => boolean;
  readonly ledger: LedgerLines;
  /** Whose output a path is, by the ledger. */
  readonly ownerOf: (outputPath: string) => PageId | undefined;
}

/** Pages of a chunk after each claimed its place; those of other parts are in none of the lists. */
interface ClaimedChunk {
  readonly own: readonly Page[];
  /** They claim none: their names are no UTF-8. */
  readonly unreadable: readonly Page[];
  readonly collisions: readonly { readonly page: Page; readonly with: PageId }[];
}

/** Claims the places of pages in their order, and tells those whose place is another page's. */
export class OutputClaims {
  readonly claims = new Claims();
  readonly #setup: ClaimSetup;
  #inputsInside: readonly InputInOutput[] | undefined;

  constructor(setup: ClaimSetup) {
    this.#setup = setup;
  }

  /** Claims the places of all pages, those of other parts too, and tells what becomes of ours. */
  async claimPlaces(chunk: readonly Page[]): Promise<ClaimedChunk> {
    this.#inputsInside ??= await inputsInOutput(this.#setup.outputRoot, this.#setup.inputs);
    const own: Page[] = [];
    const unreadable: Page[] = [];
    const collisions: { page: Page; with: PageId }[] = [];
    for (const page of chunk) {
      const isOurs = this.#setup.isOurs(page);
      if (page.unreadable !== undefined) {
        if (isOurs) unreadable.push(page);
        continue;
      }
      const place = this.#setup.outputName(page);
      const owner =
        this.#originalAt(place, this.#inputsInside) ??
        (await this.#earlierOwner(place, page.id)) ??
        this.claims.claim(place, page.id, this.#setup.folding);
      if (!isOurs) continue;
      if (owner === undefined) own.push(page);
      else collisions.push({ page, with: owner });
    }
    return { own, unreadable, collisions };
  }

  /** The page that would be written over where the output lies around an input. */
  #originalAt(place: string, inputsInside: readonly InputInOutput[]): PageId | undefined {
    const key = outputKey(place, this.#setup.folding);
    const input = inputsInside.find(({ way }) => key.startsWith(outputKey(`${way}/`, this.#setup.folding)));
    return input && path.join(input.id, ...place.split('/').slice(input.way.split('/').length));
  }

  /** Another page whose output stands there since an earlier run. */
  async #earlierOwner(place: string, page: PageId): Promise<PageId | undefined> {
    const owner = this.#setup.ownerOf(place);
    if (owner === undefined || owner === page) return undefined;
    const own = this.#setup.ledger.get(page)?.output?.path;
    if (own !== undefined && this.#setup.ownerOf(own) === owner) return undefined;
    const stands = await lstat(path.join(this.#setup.outputRoot, place)).catch(() => undefined);
    return stands && owner;
  }
}

/** An input folder that lies in the output folder. */
interface InputInOutput {
  /** From the output folder to it. */
  readonly way: string;
  /** What the ids of its pages begin with. */
  readonly id: string;
}

async function inputsInOutput(output: string, { root, entries }: ResolvedInputs): Promise<InputInOutput[]> {
  const way = await wayInside(output, root);
  if (way !== undefined) return [{ way, id: '' }];
  const found = await mapLimited(entries, LOOKS_AT_ONCE, async ({ kind, path: input }) => {
    const inside = kind === 'folder' ? await wayInside(output, input) : undefined;
    return inside === undefined ? [] : [{ way: inside, id: path.relative(root, input) }];
  });
  return found.flat();
}
