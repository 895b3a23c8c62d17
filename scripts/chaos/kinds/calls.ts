import type { Dice } from '../dice.ts';
import type { FaultKind } from '../fault-kind.ts';
import type { Scene } from '../scene.ts';

const CALLS = [
  ...['open', 'mkdir', 'rmdir', 'rename', 'link', 'symlink', 'unlink', 'stat', 'lstat', 'opendir', 'access'],
  ...['chmod', 'utime', 'statfs', 'read', 'write', 'fsync', 'fstat', 'ftruncate', 'copy'],
];
const ERRORS = [
  ...['EACCES', 'EAGAIN', 'EBUSY', 'EDQUOT', 'EHOSTDOWN', 'EIO', 'EMFILE', 'ENFILE', 'ENOMEM', 'ENOSPC'],
  ...['ENOTCONN', 'EOPNOTSUPP', 'EPERM', 'EROFS', 'ESTALE', 'ETIMEDOUT'],
];

/** Calls of the launcher on the story's files that fail, wait, or are its last. They are laid out as it starts. */
export const CALL_FAULTS: readonly FaultKind[] = [
  calls('a call fails', (dice) => `${dice.pick(CALLS)}:${dice.pick(ERRORS)}:${range(dice, 12, 1)}`),
  calls(
    'calls fail for a while',
    (dice) => `${dice.pick(CALLS)}:${dice.pick(ERRORS)}:${range(dice, 12, 20)}`,
  ),
  calls('any call fails', (dice) => `*:${dice.pick(ERRORS)}:${range(dice, 500, 2)}`),
  calls('a call takes long', (dice) => `${dice.pick(CALLS)}:${dice.int(50, 400)}ms:${range(dice, 12, 3)}`),
  calls('SIGKILL within any call', (dice) => `*:KILL:${range(dice, 600, 1)}`, 3),
];

function calls(name: string, draw: (dice: Dice) => string, share = 1): FaultKind {
  return {
    name,
    group: 'calls',
    share,
    early: true,
    fits: (_setting, { canRefuse }) => canRefuse,
    inject: (scene, dice) => {
      if (name.startsWith('SIGKILL') && scene.guardIsGone) return 'nothing';
      if (name.startsWith('SIGKILL')) scene.launcherIsKilled = true;
      const rule = `${draw(dice)}:${pathOf(scene, dice)}`;
      scene.rules.push({ kind: name, rule });
      scene.step(`  ${rule}`);
      return 'waits';
    },
  };
}

/** `first-last`, both from 1. */
function range(dice: Dice, latest: number, most: number): string {
  const first = dice.int(1, latest);
  return `${first}-${first + dice.int(0, most - 1)}`;
}

/** Whichever of the story's files, or those of one kind. */
const pathOf = (scene: Scene, dice: Dice): string =>
  dice.pick([
    scene.root,
    scene.output,
    `${scene.output}/.mgpu`,
    scene.work ?? '/.mgpu/work',
    `${scene.root}/input`,
    'ledger',
    'events.ndjson',
    '/lock',
  ]);
