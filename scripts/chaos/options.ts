import { parseArgs } from 'node:util';

/** What the chaos runs are asked for. */
export interface ChaosOptions {
  /** Stories are told until so many faults have been injected; 0: none is. */
  readonly faults: number;
  /** One after the other, each with so many faults. */
  readonly seeds: readonly number[];
  /** So many inputs for the program's parsers, for each seed. */
  readonly fuzz: number;
  /** Only this story of the seed. */
  readonly only: number | undefined;
  /** Only inputs of this parser, or this one of them. */
  readonly onlyInput: { readonly target: string; readonly index: number | undefined } | undefined;
  /** Only faults whose kind has one of these words in its name. */
  readonly kinds: readonly string[] | undefined;
  /** Stories side by side. */
  readonly jobs: number;
  /** Folders of stories that fail are left where they are, and named. */
  readonly keep: boolean;
  /** Writes docs/reliability.md from what was seen. */
  readonly write: boolean;
}

export const USAGE = `npm run chaos -- [options]
  --faults N     inject at least N faults for each seed (60; none with --fuzz)
  --seed S,T     seeds of the draws, one after the other (1)
  --fuzz N       give the program's parsers N inputs for each seed
  --only I       tell story I of the seed alone, step by step; with --fuzz TARGET or TARGET:I
  --kinds LIST   only faults whose name contains one of these words
  --jobs N       stories side by side (2)
  --keep         leave the folders of stories that fail
  --write        write docs/reliability.md from what was seen`;

/** Reads the command line. @throws Error with one line for what is wrong */
export function readOptions(argv: readonly string[]): ChaosOptions {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      faults: { type: 'string' },
      seed: { type: 'string', default: '1' },
      fuzz: { type: 'string' },
      only: { type: 'string' },
      kinds: { type: 'string' },
      jobs: { type: 'string', default: '2' },
      keep: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
    },
  });
  const isFuzz = values.fuzz !== undefined;
  return {
    faults: wholeNumber('--faults', values.faults ?? (isFuzz ? '0' : '60')),
    seeds: values.seed.split(',').map((seed) => wholeNumber('--seed', seed)),
    fuzz: wholeNumber('--fuzz', values.fuzz ?? '0'),
    only: values.only === undefined || isFuzz ? undefined : wholeNumber('--only', values.only),
    onlyInput: values.only === undefined || !isFuzz ? undefined : readOnlyInput(values.only),
    kinds: values.kinds?.split(','),
    jobs: Math.max(1, wholeNumber('--jobs', values.jobs)),
    keep: values.keep,
    write: values.write,
  };
}

function readOnlyInput(text: string): ChaosOptions['onlyInput'] {
  const [target = '', index] = text.split(':');
  return { target, index: index === undefined ? undefined : wholeNumber('--only', index) };
}

function wholeNumber(option: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new Error(`${option} ${text}: expected a whole number`);
  return Number(text);
}
