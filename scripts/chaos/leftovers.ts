import { readdir, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { WORK_FOLDER_REMOVED } from './kinds/files.ts';
import type { Scene } from './scene.ts';

/** Longer than a lock counts that nobody touches. */
const AGE_SECONDS = 90;
/** Half-made locks, and work folders whose lock says nothing of its process. */
const UNDECIDED = /^(?:lock.*\.tmp|work\..*|mgpu-.*)$/;

/** True where a launcher was killed, could not remove what it made or lost its lock, and something is left. */
export async function hasLeftovers(scene: Scene): Promise<boolean> {
  const wasHindered = scene.launchers.some(
    ({ end, setup }) => setup.isRefusedCalls || (end && 'signal' in end && end.signal === 'SIGKILL'),
  );
  const lostItsLock = scene.injected.some(({ kind }) => kind === WORK_FOLDER_REMOVED);
  return (wasHindered || lostItsLock) && (await leftovers(scene)).length > 0;
}

/** Makes what is left as old as if a minute and more had passed. */
export async function ageLeftovers(scene: Scene): Promise<void> {
  const then = Date.now() / 1000 - AGE_SECONDS;
  for (const path of await leftovers(scene)) {
    if ((await stat(path)).isDirectory()) await utimes(join(path, 'lock'), then, then).catch(() => {});
    await utimes(path, then, then);
  }
}

async function leftovers({ output, work }: Scene): Promise<string[]> {
  const found: string[] = [];
  for (const folder of [join(output, '.mgpu'), ...(work === undefined ? [] : [work])]) {
    const names = await readdir(folder).catch(() => []);
    found.push(...names.filter((name) => UNDECIDED.test(name)).map((name) => join(folder, name)));
  }
  return found;
}
