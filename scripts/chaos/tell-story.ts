import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Dice } from './dice.ts';
import { kindOfTaken } from './kinds/workers.ts';
import type { Launcher } from './launcher.ts';
import { ageLeftovers, hasLeftovers } from './leftovers.ts';
import type { Machine } from './machine.ts';
import { judge, type ReportRead } from './oracle.ts';
import { processesOf, signalTo } from './processes.ts';
import { readReport } from './read-report.ts';
import { RunDelay } from './run-delay.ts';
import { Scene } from './scene.ts';
import type { PlannedFault, Story } from './story.ts';
import type { Violation } from './violation.ts';

const LIMIT_MS = 10_000;
/** Longer than any limit of the program that is known here: whatever goes on then goes on for ever. */
const PATIENCE_MS = 45_000;

/** What came of a story. */
export interface StoryResult {
  readonly story: Story;
  /** Kinds of the faults that hit, one for each time. */
  readonly injected: readonly string[];
  readonly violations: readonly Violation[];
  /** From the last fault of a run to its end, without the time in which launcher and workers waited for a processor; the longest, in seconds. */
  readonly longestSeconds: number;
  readonly runs: number;
  readonly steps: readonly string[];
  readonly folder: string;
}

/** Tells a story from its first run to the oracle's word. */
export async function tellStory(
  story: Story,
  { machine, lane, keep }: { readonly machine: Machine; readonly lane: number; readonly keep: boolean },
): Promise<StoryResult> {
  const { setting, rounds, seed } = story;
  const root = join(machine.home, `story-${seed.replace('/', '-')}`);
  const scene = new Scene(root, setting, machine, setting.smallDisk ? machine.smallDisks[lane] : undefined);
  await mkdir(root);
  await scene.prepare();
  const violations: Violation[] = [];
  const dice = new Dice(`${seed}/end`);
  let longestMs = 0;
  for (const faults of rounds) {
    longestMs = Math.max(longestMs, await tellRound(scene, faults, violations));
    if (dice.chance(0.6)) await scene.takeBack();
  }
  await scene.takeBack();
  if (story.restores) for (const id of scene.book.ids) await scene.book.restore(id);
  scene.step('the last run');
  scene.beginRound();
  let last = startAll(scene);
  longestMs = Math.max(longestMs, await untilOver(scene, violations));
  if (await hasLeftovers(scene)) {
    // What a process that was killed held can't be told from what a living one holds, for a minute.
    await ageLeftovers(scene);
    scene.step('a run a minute later');
    scene.beginRound();
    last = startAll(scene);
    await untilOver(scene, violations);
  }
  const report: ReportRead = await readReport(scene);
  violations.push(...(await judge(scene, last, report)));
  for (const { pid } of await processesOf(root)) signalTo(pid, 'SIGKILL');
  if (!keep || violations.length === 0) await scene.remove();
  return {
    story,
    injected: scene.injected.map(({ kind }) => kind),
    violations,
    longestSeconds: longestMs / 1000,
    runs: scene.launchers.length,
    steps: scene.steps,
    folder: root,
  };
}

/** One run with faults; two where each has a part. Returns the milliseconds from its last fault to its end. */
async function tellRound(
  scene: Scene,
  faults: readonly PlannedFault[],
  violations: Violation[],
): Promise<number> {
  scene.beginRound();
  for (const fault of faults.filter(({ kind }) => kind.early)) await inject(scene, fault);
  scene.step('a run');
  const launchers = startAll(scene);
  const rest = faults.filter(({ kind }) => !kind.early);
  const injecting = Promise.all(
    rest.map(async (fault) => {
      const launcher = new Dice(fault.seed).pick(launchers);
      const { after, count, ms } = fault.moment;
      if (await launcher.comes(fault.moment)) {
        scene.step(`${ms} ms after ${after}${count > 0 ? ` ${count}` : ''}: ${fault.kind.name}`);
        await inject(scene, fault);
      } else if (fault.kind.anytime) {
        scene.step(`after the run: ${fault.kind.name}`);
        await inject(scene, fault);
      }
    }),
  );
  const longestMs = await untilOver(scene, violations, injecting);
  await injecting;
  const { kinds, lastMs } = await scene.refused();
  for (const kind of kinds) scene.count(kind, lastMs);
  await countTaken(scene);
  return longestMs;
}

async function inject(scene: Scene, { kind, seed }: PlannedFault): Promise<void> {
  const dice = new Dice(`${seed}/hit`);
  if ((await kind.inject(scene, dice)) === 'done') scene.count(kind.name);
}

function startAll(scene: Scene): Launcher[] {
  const launchers = scene.setting.parts ? [scene.start(1), scene.start(2)] : [scene.start()];
  scene.current.push(...launchers);
  return launchers;
}

/** Faults that workers took since the last time. */
async function countTaken(scene: Scene): Promise<void> {
  for (const { name, fault, atMs } of await scene.taken()) {
    if (scene.counted.has(name)) continue;
    scene.counted.add(name);
    const kind = kindOfTaken(fault);
    if (kind !== undefined) scene.count(kind, atMs);
    scene.step(`  taken: ${fault}`);
  }
}

/** Settles once every launcher of the round is over, with the time since its last fault; ends those by force that never are. */
async function untilOver(
  scene: Scene,
  violations: Violation[],
  injecting: Promise<unknown> = Promise.resolve(),
): Promise<number> {
  let isInjecting = true;
  void injecting.then(() => {
    isInjecting = false;
  });
  const waited = new RunDelay();
  for (;;) {
    const going = scene.current.filter(({ isOver }) => !isOver);
    waited.sample(going.flatMap(({ pid, workers }) => [pid, ...workers.map((worker) => worker.pid)]));
    if (going.length === 0 && !isInjecting) break;
    if (going.length > 0 && Date.now() - (await lastFaultMs(scene)) > PATIENCE_MS) {
      scene.step('it does not end: SIGKILL');
      for (const launcher of going) {
        violations.push({ check: 'ends', text: `process ${launcher.pid} went on for ever` });
        launcher.kill('SIGKILL');
        launcher.kill('SIGCONT');
      }
      await Promise.all(going.map(({ ended }) => ended));
      return PATIENCE_MS;
    }
    await Promise.race([delay(100), ...going.map(({ ended }) => ended)]);
  }
  for (const { end, endedMs = 0, signals, pid, startedMs } of scene.current) {
    const how = end && ('code' in end ? `exit code ${end.code}` : end.signal);
    const sent = signals.size > 0 ? `, was sent ${[...signals].join(', ')}` : '';
    scene.step(`process ${pid} ended: ${how}, after ${((endedMs - startedMs) / 1000).toFixed(2)} s${sent}`);
  }
  const lastMs = await lastFaultMs(scene);
  const endMs = Math.max(...scene.current.map(({ endedMs = 0 }) => endedMs));
  const tookMs = Math.max(0, endMs - lastMs - waited.since(lastMs));
  if (tookMs > LIMIT_MS) {
    const text = `${(tookMs / 1000).toFixed(1)} s from the last fault to the end of the run`;
    violations.push({ check: 'ends', text });
  }
  return tookMs;
}

/** The last fault of the round, or its last start where there was none since. */
async function lastFaultMs(scene: Scene): Promise<number> {
  const taken = await scene.taken();
  const { lastMs } = await scene.refused();
  return Math.max(
    lastMs,
    ...scene.current.map(({ startedMs }) => startedMs),
    ...scene.injected.map(({ atMs }) => atMs),
    ...taken.map(({ atMs }) => atMs),
  );
}
