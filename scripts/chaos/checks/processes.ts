import { setTimeout as delay } from 'node:timers/promises';
import { processesOf } from '../processes.ts';
import type { Scene } from '../scene.ts';
import type { Violation } from '../violation.ts';

/** A guard ends just after its launcher. */
const MOMENT_MS = 2000;

/** No process of a story outlives its last run. */
export async function checkProcesses(scene: Scene): Promise<Violation[]> {
  const began = Date.now();
  for (;;) {
    const left = await processesOf(scene.root);
    if (left.length === 0) return [];
    if (Date.now() - began > MOMENT_MS)
      return left.map(({ pid, command, state }) => ({
        check: 'process',
        text: `${pid} (${state}) ${command.slice(0, 120)}`,
      }));
    await delay(50);
  }
}
