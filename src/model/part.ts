/** The share of one of several machines: the `index`th of `of`, from 1. */
export interface Part {
  readonly index: number;
  readonly of: number;
}

/** As many as a job may have: names of files and folders speak of parts too, and anybody may have made these. */
export const MOST_PARTS = 100_000;

/** The part that two numbers in a file's name speak of; undefined where no job can have it. */
export function partFrom(index: string | undefined, of: string | undefined): Part | undefined {
  const part = { index: Number(index), of: Number(of) };
  return part.index >= 1 && part.index <= part.of && part.of <= MOST_PARTS ? part : undefined;
}
