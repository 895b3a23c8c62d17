import { Dice } from './dice.ts';
import { type FaultKind, SHARES, type StoryLimits } from './fault-kind.ts';
import { KINDS } from './kinds.ts';
import { drawMoment, type Moment } from './moment.ts';
import { drawSetting, type Setting } from './setting.ts';

/** A fault as it was drawn. What it hits is drawn when it comes, with dice of its own. */
export interface PlannedFault {
  readonly kind: FaultKind;
  readonly moment: Moment;
  readonly seed: string;
}

/** Some runs with faults, then one without, all of one command. Everything in it is drawn from its seed. */
export interface Story {
  readonly seed: string;
  readonly setting: Setting;
  /** The faults of each run. */
  readonly rounds: readonly (readonly PlannedFault[])[];
  /** Cut and removed pages are put back before the last run. */
  readonly restores: boolean;
}

/** Draws story `index` of a seed. */
export function drawStory(
  seed: number,
  index: number,
  limits: StoryLimits & { readonly kinds: readonly string[] | undefined },
): Story {
  const name = `${seed}/${index}`;
  const dice = new Dice(name);
  const setting = drawSetting(dice, limits);
  const kinds = KINDS.filter(
    ({ name: kind, fits }) =>
      fits(setting, limits) && (limits.kinds?.some((word) => kind.includes(word)) ?? true),
  );
  const groups = [...new Set(kinds.map(({ group }) => group))].flatMap((group) =>
    repeated(group, SHARES[group]),
  );
  const rounds: PlannedFault[][] = [];
  let number = 0;
  for (let round = dice.int(1, 3); round > 0; round -= 1) {
    const faults: PlannedFault[] = [];
    for (let left = dice.int(1, 5); left > 0 && groups.length > 0; left -= 1) {
      const group = dice.pick(groups);
      const ofGroup = kinds.filter((each) => each.group === group);
      const kind = dice.pick(ofGroup.flatMap((each) => repeated(each, each.share ?? 1)));
      number += 1;
      faults.push({ kind, moment: drawMoment(dice, rounds.length), seed: `${name}/${number}` });
    }
    rounds.push(faults);
  }
  return { seed: name, setting, rounds, restores: dice.chance(0.5) };
}

const repeated = <T>(one: T, times: number): T[] => Array<T>(times).fill(one);
