import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

const KEPT_RUNS = 10;

/** Which runs stay. */
export interface KeptRuns {
  /** `OUTPUT/.mgpu/runs`; its folders' names sort by time. */
  readonly folder: string;
  /** Runs that are still going, this one among them: they stay however many came after. */
  readonly going: readonly string[];
  readonly keep?: number;
}

/** Deletes the folders of all but the last runs. Never rejects: a run is worth more than the tidiness of older ones. */
export async function keepLastRuns({ folder, going, keep = KEPT_RUNS }: KeptRuns): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const runs = entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
  for (const run of runs.slice(0, Math.max(0, runs.length - keep))) {
    if (!going.includes(run)) await rm(join(folder, run), { recursive: true, force: true }).catch(() => {});
  }
}
