import type { PageSize } from '../model/page.ts';
import { readStructureSync } from './byte-reads.ts';
import type { ImageFormat } from './image-format.ts';
import { readStructure } from './structure/read-structure.ts';

/** An open file of which the first bytes were read. */
interface OpenedImage {
  readonly head: Buffer;
  readonly format: ImageFormat;
  readonly fileBytes: number;
}

/** Width and height from an open file's structure, with as little reading as it takes; undefined where they can't be read. */
export const measurePage = (fd: number, { head, format, fileBytes }: OpenedImage): PageSize | undefined =>
  readStructureSync({ fd, fileBytes, head }, readStructure(format, fileBytes, 'size')).size;
