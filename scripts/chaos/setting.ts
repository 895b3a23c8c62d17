import type { Dice } from './dice.ts';

/** How the program is used in a story. */
export interface Setting {
  readonly mode: 'warm' | 'script';
  /** Two launchers, each with its half of the pages. */
  readonly parts: boolean;
  readonly gpus: 'cpu' | '0,1';
  readonly workersPerGpu: number;
  readonly strategy: 'even' | 'balanced' | 'dynamic';
  readonly link: 'auto' | 'copy';
  readonly onFailed: 'leave' | 'copy';
  /** The work folder on another file system than the output. */
  readonly workApart: boolean;
  /** The output on a small disk of its own. */
  readonly smallDisk: boolean;
  readonly pages: readonly string[];
  readonly padding: number;
  readonly pageMs: readonly [least: number, most: number];
  readonly loadMs: number;
  /** When a script prints the name of a page. */
  readonly names: 'before' | 'after' | 'never';
  /** Each worker has a process that it needs. */
  readonly helper: boolean;
  /** A page that breaks whenever it is tried. */
  readonly cursed: { readonly page: string; readonly fault: string } | undefined;
  readonly secrets: readonly [variable: string, argument: string];
}

/** Draws how a story uses the program. */
export function drawSetting(dice: Dice, { canMount }: { readonly canMount: boolean }): Setting {
  const pages = [...new Set(Array.from({ length: dice.int(16, 44) }, () => pageName(dice)))];
  const mode = dice.chance(0.6) ? 'warm' : 'script';
  const parts = dice.chance(0.12);
  const gpus = dice.chance(0.5) ? 'cpu' : '0,1';
  const least = dice.int(20, 70);
  return {
    mode,
    parts,
    gpus,
    workersPerGpu: gpus === 'cpu' ? dice.int(2, 3) : dice.int(1, 2),
    strategy: dice.pick(['even', 'balanced', 'dynamic']),
    link: dice.chance(0.25) ? 'copy' : 'auto',
    onFailed: dice.chance(0.25) ? 'copy' : 'leave',
    workApart: dice.chance(0.2),
    smallDisk: canMount && dice.chance(0.35),
    pages,
    padding: dice.pick([0, 2000, 20_000, 70_000]),
    pageMs: [least, least + dice.int(5, 40)],
    loadMs: dice.int(0, 80),
    names: dice.pick(['before', 'before', 'after', 'never']),
    helper: dice.chance(0.3),
    cursed: dice.chance(0.2)
      ? { page: dice.pick(pages), fault: dice.pick(['crash', 'exit1', 'error', 'half', 'no-output', 'oom']) }
      : undefined,
    secrets: [`v${dice.word(22)}`, `a${dice.word(22)}`],
  };
}

const FOLDERS = ['', 'ch1/', 'ch 2/', 'ch1/extra/', '第3話/', "it's [#1]/", '-dash/'];

/** Names of one kind in several folders, so that outputs of one name could be mixed up. */
const pageName = (dice: Dice): string =>
  `${dice.pick(FOLDERS)}${String(dice.int(1, 12)).padStart(3, '0')}.png`;
