import type { ImageFormat } from './image-format.ts';

/**
 * Whether a file is a whole output. `endChecked` is false where the format has no end to check (or is unknown): such a file
 * is taken for whole as long as it is not empty.
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
  | { readonly whole: false; readonly why: string };
