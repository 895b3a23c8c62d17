import { lstat } from 'node:fs/promises';
import path from 'node:path';
import type { PageId } from '../../model/page.ts';
import { hasImageSuffix } from '../../pages/image-format.ts';
import { sameForm } from '../../pages/name-form.ts';
import { listFiles } from '../../workers/output-names.ts';

/** Images that a child made and that are no page's outputs. */
export interface OtherImages {
  /** In its output folder, under other names, relative to it. */
  readonly inOutput: readonly string[];
  /** Beside its pages, relative to its input folder. */
  readonly inInput: readonly string[];
  /** Its pages, where it wrote over them: its links are replaced, or its copies have another size. */
  readonly overInput: readonly string[];
}

export const NO_OTHER_IMAGES: OtherImages = { inOutput: [], inInput: [], overInput: [] };

/** What to look for, after a child that left pages undone. */
interface Where {
  /** Files in its output folder that are no outputs. */
  readonly others: readonly string[];
  readonly input: string;
  readonly pages: Iterable<PageId>;
  readonly nameInBatch: (page: PageId) => string;
  /** Size of each page's source. */
  readonly sourceBytes: ReadonlyMap<PageId, number>;
  /** Pages that the child got copies of, not links to. */
  readonly copies: ReadonlySet<PageId>;
  /** Set where its outputs are in the input folder: what else is there has been looked at, or is its own affair. */
  readonly isOutputPlace?: boolean;
}

/** Finds what a child made instead of outputs. */
export async function otherImages(where: Where): Promise<OtherImages> {
  const { others, input, pages, nameInBatch, sourceBytes, copies, isOutputPlace = false } = where;
  const own = new Map([...pages].map((page) => [sameForm(nameInBatch(page)), page]));
  const [inInput, overInput]: [string[], string[]] = [[], []];
  const beside = isOutputPlace ? [] : await listFiles(input);
  for (const name of beside.filter(hasImageSuffix)) {
    const page = own.get(sameForm(name));
    if (page === undefined) inInput.push(name);
    else {
      const found = await lstat(path.join(input, name)).catch(() => undefined);
      const isOver = found?.isFile() && (!copies.has(page) || found.size !== sourceBytes.get(page));
      if (isOver) overInput.push(name);
    }
  }
  return { inOutput: others.filter(hasImageSuffix), inInput, overInput };
}

/** ` (it wrote 001_out.png and 5 more images)`; empty where there are none. Left out where words are compared. */
export function inWords({ inOutput, inInput, overInput }: OtherImages): string {
  const places = [
    [inOutput, ''],
    [inInput, ' into its input folder'],
    [overInput, ' over its own page'],
  ] as const;
  const [[names, where] = [[], '']] = places.filter(([some]) => some.length > 0);
  const [first] = names;
  if (first === undefined) return '';
  const count = inOutput.length + inInput.length + overInput.length - 1;
  const more = count === 0 ? '' : ` and ${count} more image${count === 1 ? '' : 's'}`;
  return ` (it wrote ${first}${where}${more})`;
}
