import { checkOriginals } from './checks/originals.ts';
import { checkOutcomes } from './checks/outcomes.ts';
import { checkOutputs } from './checks/outputs.ts';
import { checkProcesses } from './checks/processes.ts';
import { checkRuns } from './checks/runs.ts';
import { checkSecrets } from './checks/secrets.ts';
import { checkTemporary } from './checks/temporary.ts';
import { checkTwice } from './checks/twice.ts';
import type { Launcher } from './launcher.ts';
import type { ReportRead } from './read-report.ts';
import type { Scene } from './scene.ts';
import type { Violation } from './violation.ts';

export type { ReportRead } from './read-report.ts';

/** Says which promises were not kept, once the last run is over. */
export async function judge(
  scene: Scene,
  last: readonly Launcher[],
  read: ReportRead,
): Promise<readonly Violation[]> {
  // First, as processes may end while the rest is looked at.
  const processes = await checkProcesses(scene);
  const found = await Promise.all([
    checkRuns(scene, last, read),
    checkOutcomes(scene, last, read),
    checkOutputs(scene, read),
    checkOriginals(scene),
    checkTemporary(scene),
    checkSecrets(scene),
    checkTwice(scene),
  ]);
  return [...processes, ...found.flat()];
}
