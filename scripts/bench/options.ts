import { parseArgs } from 'node:util';

/** The parts of the benchmark, in the order in which they run. */
export const SECTIONS = [
  'start',
  'peers',
  'strategies',
  'faults',
  'launcher',
  'one-card',
  'vram',
  'forecast',
  'staging',
] as const;

export type Section = (typeof SECTIONS)[number];

/** What the benchmark is asked for. */
export interface BenchOptions {
  readonly only: readonly Section[];
  /** About a minute: two mixes, two peers, short pages. */
  readonly quick: boolean;
  /** How long pages take and how many there are of the cheap ones, as a share of the full measure: for trying the bench out. */
  readonly scale: number;
  /** Names of launchers to measure; all where it is missing. */
  readonly launchers: readonly string[] | undefined;
  readonly mixes: readonly string[] | undefined;
  /** Writes the page from the results that are there, and measures nothing. */
  readonly docs: boolean;
}

export const USAGE = `npm run bench -- [options]
  --quick              two mixes, two peers, short pages: about a minute
  --only LIST          sections: ${SECTIONS.join(',')}
  --launchers LIST     only launchers whose name contains one of these words
  --mixes LIST         only these mixes: equal, manga, skewed, giant, tiny
  --scale NUMBER       pages that take this share of their time (0.1: a trial; its figures mean little)
  --docs               writes what bench/results.json has in full into docs/performance.md, measures nothing`;

/** Reads the command line. Throws an Error with one line for what is wrong. */
export function readOptions(argv: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string' },
      launchers: { type: 'string' },
      mixes: { type: 'string' },
      scale: { type: 'string', default: '1' },
      docs: { type: 'boolean', default: false },
    },
  });
  const only = values.only?.split(',') ?? (values.quick ? ['start', 'peers', 'launcher'] : [...SECTIONS]);
  const unknown = only.find((name) => !SECTIONS.some((section) => section === name));
  if (unknown !== undefined) {
    throw new Error(`--only ${unknown}: there is no such section, but ${SECTIONS.join(', ')}`);
  }
  const scale = Number(values.scale);
  if (!(scale > 0 && scale <= 1))
    throw new Error(`--scale ${values.scale}: expected a number above 0, up to 1`);
  return {
    only: SECTIONS.filter((section) => only.includes(section)),
    quick: values.quick,
    scale,
    launchers: values.launchers?.split(','),
    mixes: values.mixes?.split(','),
    docs: values.docs,
  };
}
