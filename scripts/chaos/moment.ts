import type { Dice } from './dice.ts';

/** When a fault comes: so many milliseconds after the launcher's start, or after so many events of a type. */
export interface Moment {
  readonly after: 'spawn' | 'worker-started' | 'page-started' | 'page-finished';
  readonly count: number;
  readonly ms: number;
}

/** Early enough that the run is still going on: later rounds have fewer pages left. */
export function drawMoment(dice: Dice, round: number): Moment {
  const ms = dice.int(0, 150);
  const after = dice.pick([
    'spawn',
    'worker-started',
    'page-started',
    'page-started',
    'page-finished',
  ] as const);
  switch (after) {
    case 'spawn':
      return { after, count: 0, ms: dice.int(0, 600) };
    case 'worker-started':
      return { after, count: dice.int(1, 2), ms };
    default:
      return { after, count: round === 0 ? dice.int(1, 12) : dice.int(1, 3), ms };
  }
}
