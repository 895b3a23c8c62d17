import type { PageSize } from '../../model/page.ts';
import type { StructureReader } from '../byte-reads.ts';

/** What a reader is to find: the size, with as little reading as it takes, or whether the image is whole as well. */
export type Wanted = 'size' | 'end';

/** What is known of an image from its structure. */
export interface ImageStructure {
  /** Of the first image, as it is stored; missing where it isn't told. */
  readonly size?: PageSize;
  /** Why the image isn't whole, as a predicate: `is truncated: its end is missing`. Only looked for where the end is wanted. */
  readonly trouble?: string;
  /** Nothing tells where the image ends. */
  readonly isOpenEnded?: true;
}

/** Reads one format's structure. */
export type ImageReader = (fileBytes: number, wanted: Wanted) => StructureReader<ImageStructure>;

export const cut = (why: string): ImageStructure => ({ trouble: `is truncated: ${why}` });

export const damaged = (why: string): ImageStructure => ({ trouble: `is damaged: ${why}` });

export const withSize = (width: number, height: number): ImageStructure =>
  width > 0 && height > 0 ? { size: { width, height } } : {};

/** How many parts (chunks, segments, blocks) an image of so many bytes may have: each costs time, however small it is. */
export const mostParts = (fileBytes: number): number => 4000 + fileBytes / 1024;

export const TOO_MANY_PARTS: ImageStructure = damaged('it is made of too many small parts');
