import type { Dice } from './dice.ts';
import type { Scene } from './scene.ts';
import type { Setting } from './setting.ts';

/** Where faults come from, in the words of the table. */
export const GROUPS = {
  signals: 'Signals',
  disk: 'Disks',
  files: 'Files',
  workers: 'Workers',
  launchers: 'Launchers',
  calls: 'System calls',
} as const;
export type Group = keyof typeof GROUPS;

/** How often a group is drawn: starts of launchers cost the most, and say the least. */
export const SHARES: Readonly<Record<Group, number>> = {
  signals: 4,
  workers: 4,
  files: 3,
  calls: 3,
  disk: 2,
  launchers: 1,
};

/** What this machine can do. */
export interface StoryLimits {
  /** Small disks that can be filled. */
  readonly canMount: boolean;
  /** Calls that fail. */
  readonly canRefuse: boolean;
}

/**
 * `done`: it has hit. `nothing`: there was nothing to do it to. `waits`: it is laid out, and counted when somebody takes
 * it.
 */
export type Injected = 'done' | 'nothing' | 'waits';

/** One way in which things go wrong. */
export interface FaultKind {
  readonly name: string;
  readonly group: Group;
  /** How often it is drawn among those of its group; 1 where missing. */
  readonly share?: number;
  readonly fits: (setting: Setting, limits: StoryLimits) => boolean;
  /** It is done before the launcher of its round starts, whatever its moment. */
  readonly early?: true;
  /** It can be done while no launcher is there. */
  readonly anytime?: true;
  /** Does it. What must be good again before the last run is told to `scene.later`. */
  readonly inject: (scene: Scene, dice: Dice) => Promise<Injected> | Injected;
}

export const always = (): boolean => true;
