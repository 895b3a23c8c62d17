import type { Dice } from './dice.ts';
import type { Scene } from './scene.ts';
import type { Setting } from './setting.ts';

/** Where faults come from; each group has the same share of the draws. */
export const GROUPS = {
  signals: 'Signals',
  disk: 'Disks',
  files: 'Files',
  workers: 'Workers',
  launchers: 'Launchers',
  calls: 'System calls',
} as const;
export type Group = keyof typeof GROUPS;

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
  readonly fits: (setting: Setting, limits: StoryLimits) => boolean;
  /** It is done before the launcher of its round starts, whatever its moment. */
  readonly early?: true;
  /** It can be done while no launcher is there. */
  readonly anytime?: true;
  /** Does it. What must be good again before the last run is told to `scene.later`. */
  readonly inject: (scene: Scene, dice: Dice) => Promise<Injected> | Injected;
}

export const always = (): boolean => true;
