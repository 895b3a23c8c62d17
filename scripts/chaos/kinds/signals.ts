import { setTimeout as delay } from 'node:timers/promises';
import type { Dice } from '../dice.ts';
import { always, type FaultKind, type Injected } from '../fault-kind.ts';
import type { Launcher } from '../launcher.ts';
import { guardsAmong, processesOf, signalTo } from '../processes.ts';
import type { Scene } from '../scene.ts';

const LONGEST_PAUSE_MS = 1500;

/** SIGKILL, SIGSTOP and the like, to every kind of process that a run has. */
export const SIGNAL_FAULTS: readonly FaultKind[] = [
  {
    name: 'SIGKILL launcher',
    group: 'signals',
    share: 4,
    fits: always,
    inject: (scene, dice) => {
      if (scene.guardIsGone) return 'nothing';
      scene.launcherIsKilled = true;
      return done(aLauncher(scene, dice)?.kill('SIGKILL'));
    },
  },
  {
    name: 'SIGTERM launcher',
    group: 'signals',
    fits: always,
    inject: (scene, dice) => done(aLauncher(scene, dice)?.kill('SIGTERM')),
  },
  {
    name: 'SIGINT launcher, once or twice',
    group: 'signals',
    fits: always,
    inject: async (scene, dice) => {
      const launcher = aLauncher(scene, dice);
      const was = launcher?.kill('SIGINT');
      if (dice.chance(0.5)) {
        await delay(dice.int(0, 80));
        launcher?.kill('SIGINT');
      }
      return done(was);
    },
  },
  {
    name: 'SIGSTOP and SIGCONT launcher',
    group: 'signals',
    fits: always,
    inject: async (scene, dice) => {
      const launcher = aLauncher(scene, dice);
      if (!launcher?.kill('SIGSTOP')) return 'nothing';
      await delay(dice.int(50, LONGEST_PAUSE_MS));
      launcher.kill('SIGCONT');
      return 'done';
    },
  },
  { name: 'SIGKILL worker', group: 'signals', share: 2, fits: always, inject: toWorker('SIGKILL') },
  { name: 'SIGTERM worker', group: 'signals', fits: always, inject: toWorker('SIGTERM') },
  {
    name: 'SIGSTOP worker',
    group: 'signals',
    fits: always,
    inject: (scene, dice) => {
      const pid = workerAtPage(scene, dice);
      if (pid === undefined || !signalTo(pid, 'SIGSTOP')) return 'nothing';
      scene.later(() => void signalTo(pid, 'SIGCONT'));
      return 'done';
    },
  },
  {
    name: 'SIGSTOP and SIGCONT worker',
    group: 'signals',
    fits: always,
    inject: async (scene, dice) => {
      const pid = workerAtPage(scene, dice);
      if (pid === undefined || !signalTo(pid, 'SIGSTOP')) return 'nothing';
      await delay(dice.int(50, LONGEST_PAUSE_MS));
      signalTo(pid, 'SIGCONT');
      return 'done';
    },
  },
  {
    name: 'SIGKILL grandchild',
    group: 'signals',
    fits: ({ helper }) => helper,
    inject: async (scene, dice) => {
      const helpers = (await processesOf(scene.root)).filter(({ command }) => command === 'sleep 3600');
      const helper = dice.some(helpers);
      return done(helper && signalTo(helper.pid, 'SIGKILL'));
    },
  },
  {
    name: 'SIGKILL guard',
    group: 'signals',
    fits: always,
    inject: async (scene, dice) => {
      if (scene.launcherIsKilled) return 'nothing';
      scene.guardIsGone = true;
      const guard = dice.some(guardsAmong(await processesOf(scene.root)));
      return done(guard && signalTo(guard.pid, 'SIGKILL'));
    },
  },
  {
    name: 'SIGSTOP guard',
    group: 'signals',
    fits: always,
    inject: async (scene, dice) => {
      const guard = dice.some(guardsAmong(await processesOf(scene.root)));
      if (!guard || !signalTo(guard.pid, 'SIGSTOP')) return 'nothing';
      scene.later(() => void signalTo(guard.pid, 'SIGCONT'));
      return 'done';
    },
  },
];

function toWorker(signal: NodeJS.Signals): FaultKind['inject'] {
  return (scene, dice) => {
    const worker = dice.some(workersOf(scene));
    return done(worker !== undefined && signalTo(worker, signal));
  };
}

const done = (was: boolean | undefined): Injected => (was ? 'done' : 'nothing');

const aLauncher = (scene: Scene, dice: Dice): Launcher | undefined =>
  dice.some(scene.current.filter(({ isOver }) => !isOver));

const workersOf = (scene: Scene): number[] =>
  scene.current.flatMap((launcher) => (launcher.isOver ? [] : launcher.workers.map(({ pid }) => pid)));

/** One that is at a page: of one that only starts, the start's limit and the time to end would take ten seconds. */
function workerAtPage(scene: Scene, dice: Dice): number | undefined {
  const atPage = scene.current.flatMap((launcher) => {
    if (launcher.isOver) return [];
    const slots = new Set(launcher.of('page-started').map(({ slot }) => slot));
    return launcher.workers.filter(({ slot }) => slots.has(slot));
  });
  return dice.some(atPage)?.pid;
}
