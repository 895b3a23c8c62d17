import * as z from 'zod';
import { unlessOutOfFiles } from '../../model/open-files.ts';
import type { PageId, SourceStamp } from '../../model/page.ts';
import { parsedJson } from '../../model/parsed-json.ts';
import { readRegular } from '../../pages/open-regular.ts';

/** The first line of a batch's `batch.ndjson`. */
export interface BatchHead {
  readonly v: 1;
  /** Hash of the options that shape the result. */
  readonly options: string;
  /** Where its outputs appear, relative to the batch's folder; missing: in `out`, or in `in-translated`. */
  readonly outputs?: string | undefined;
  /** Its program was seen to write its outputs over its input. */
  readonly overInput?: true | undefined;
}

/**
 * Every other line: a page as it was before a child could touch it, and its name in the batch where that is not its id. With
 * these a killed run's outputs can be gathered.
 */
export type BatchLine =
  | readonly [page: PageId, bytes: number, mtimeMs: number]
  | readonly [page: PageId, bytes: number, mtimeMs: number, name: string];

/** What is written down of a batch. */
export interface BatchRecord extends BatchHead {
  readonly stamps: ReadonlyMap<PageId, SourceStamp>;
  /** Names in the batch of pages that have another one than their id there. */
  readonly names: ReadonlyMap<PageId, string>;
}

/** Relative, and in the batch: the file may be anybody's. */
const inBatch = z.string().refine((given) => !given.startsWith('/') && !given.split('/').includes('..'));
const batchHead = z.object({
  v: z.literal(1),
  options: z.string(),
  outputs: inBatch.optional(),
  overInput: z.literal(true).optional(),
});
const batchLine = z.tuple([z.string(), z.number(), z.number()], inBatch);

/** A batch of 100,000 pages with paths of 1,000 bytes takes half of it. */
const LARGEST_RECORD_BYTES = 256 * 1024 * 1024;

/** What is written down of a batch; undefined where that is nothing. A torn last line is the page that had not been linked yet. */
export async function readRecord(file: string): Promise<BatchRecord | undefined> {
  const text = await readRegular(file, { maxBytes: LARGEST_RECORD_BYTES }).catch(unlessOutOfFiles(''));
  const [first = '', ...rest] = text.split('\n');
  const head = batchHead.safeParse(parsedJson(first)).data;
  if (!head) return undefined;
  const stamps = new Map<PageId, SourceStamp>();
  const names = new Map<PageId, string>();
  for (const line of rest) {
    // An error for each torn or empty line of a broken disk would take seconds a megabyte.
    if (!line.startsWith('[') || !line.endsWith(']')) continue;
    const [page, bytes, mtimeMs, name] = batchLine.safeParse(parsedJson(line)).data ?? [];
    if (page === undefined || bytes === undefined || mtimeMs === undefined) continue;
    stamps.set(page, { bytes, mtimeMs });
    if (name !== undefined) names.set(page, name);
  }
  return { ...head, stamps, names };
}
