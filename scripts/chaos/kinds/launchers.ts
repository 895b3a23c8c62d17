import { always, type FaultKind } from '../fault-kind.ts';

/** More than one launcher on one output. */
export const LAUNCHER_FAULTS: readonly FaultKind[] = [
  {
    name: 'the same command a second time beside it',
    group: 'launchers',
    fits: always,
    inject: (scene, dice) => {
      const part = scene.setting.parts ? dice.int(1, 2) : undefined;
      scene.current.push(scene.start(part));
      return 'done';
    },
  },
  {
    name: 'three at the same moment',
    group: 'launchers',
    fits: always,
    inject: (scene, dice) => {
      const part = scene.setting.parts ? dice.int(1, 2) : undefined;
      for (let left = 2; left > 0; left -= 1) scene.current.push(scene.start(part));
      return 'done';
    },
  },
  {
    name: 'a part beside a whole run, or a whole run beside parts',
    group: 'launchers',
    fits: always,
    inject: (scene, dice) => {
      // It may win, and then do all pages or half of them.
      scene.current.push(scene.start(scene.setting.parts ? undefined : dice.int(1, 2)));
      return 'done';
    },
  },
];
