import type { Stretch, StructureReader } from './byte-reads.ts';
import { formatOf, type ImageFormat } from './image-format.ts';
import { whyNoOutput } from './no-image-words.ts';
import { readStructure } from './structure/read-structure.ts';

/** Whether an image is there to its end. `endChecked`: its format has an end, and the end was there. */
export type ImageEnd =
  | { readonly whole: true; readonly format?: ImageFormat; readonly endChecked: boolean }
  | { readonly whole: false; readonly why: string };

/** As many as tell what a file is that is no image. */
const HEAD: Stretch = { offset: 0, length: 4096 };

/**
 * Reads an image's structure to its end; what lies behind that may be anything. `isImage`: the file's name promises an image, of
 * whatever kind; otherwise what is no image is whole if it is not empty.
 */
export function* readImageEnd(
  fileBytes: number,
  { isImage }: { readonly isImage: boolean },
): StructureReader<ImageEnd> {
  const head = yield HEAD;
  const format = formatOf(head);
  if (format === undefined) {
    return isImage ? { whole: false, why: whyNoOutput(head) } : { whole: true, endChecked: false };
  }
  const { trouble, isOpenEnded = false } = yield* readStructure(format, fileBytes, 'end');
  return trouble === undefined
    ? { whole: true, format, endChecked: !isOpenEnded }
    : { whole: false, why: `the ${format.toUpperCase()} ${trouble}` };
}
