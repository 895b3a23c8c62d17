import { NO_BYTES, STRETCH_BYTES, type StructureReader } from '../byte-reads.ts';
import type { Wanted } from './image-structure.ts';

/** As many as most headers take, and as were read for other reasons before. */
export const HEADER_BYTES = 4096;

/** How much of a file to read in one go: most of it is to be seen, or its header alone. */
export const aheadFor = (wanted: Wanted): number => (wanted === 'size' ? HEADER_BYTES : STRETCH_BYTES);

/** Goes through a file, mostly forwards, with one piece of it in hand. */
export class FileCursor {
  /** Offset of the next byte to see. */
  at: number;
  readonly #ahead: number;
  #piece = NO_BYTES;
  #pieceAt = 0;

  /** @param ahead how many bytes to read in one go */
  constructor(at: number, ahead: number) {
    this.at = at;
    this.#ahead = ahead;
  }

  /** What is in hand from `at` on: at least so many bytes, fewer where the file ends before. */
  *see(bytes: number): StructureReader<Buffer> {
    const from = this.at - this.#pieceAt;
    if (from >= 0 && from + bytes <= this.#piece.length) return this.#piece.subarray(from);
    this.#piece = yield { offset: this.at, length: Math.max(bytes, this.#ahead) };
    this.#pieceAt = this.at;
    return this.#piece;
  }
}
