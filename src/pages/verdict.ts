import type { ImageFormat } from './image-format.ts';

/**
 * Whether a file is a whole output. `endChecked` is false where the format has no end to check (or the name promises no
 * image, and none is there): such a file is taken for whole as long as it is not empty.
 */
export type Verdict =
  | {
      readonly whole: true;
      readonly format?: ImageFormat;
      readonly endChecked: boolean;
      readonly bytes: number;
      /** It is a link, or its content has another name too: to move it would not make it a file of its own. */
      readonly isLink?: true;
    }
  | {
      readonly whole: false;
      readonly why: string;
      /** Missing where it is no file, or an empty one. */
      readonly bytes?: number;
      readonly isLink?: true;
    };

/**
 * The verdict on an output that is its source again, byte for byte: it is as whole as the page that was taken, though that
 * may be cut. One that is empty or no file stays what it is.
 */
export function asWholeAsSource(verdict: Verdict): Verdict {
  if (verdict.whole || verdict.bytes === undefined) return verdict;
  const { bytes, isLink } = verdict;
  return { whole: true, endChecked: true, bytes, ...(isLink && { isLink }) };
}
