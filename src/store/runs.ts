import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Part, partFrom } from '../model/part.ts';

const KEPT_RUNS = 10;

/** Which runs stay. */
interface KeptRuns {
  /** `OUTPUT/.mgpu/runs`; its folders' names sort by time. */
  readonly folder: string;
  /** Runs that are still going, this one among them: they stay however many came after. */
  readonly going: readonly string[];
  readonly keep?: number;
}

/** The part that a run's name speaks of (`…-part-2-of-4`); undefined for a whole run. */
export function partOfRun(run: string): Part | undefined {
  const [, index, of] = /-part-([1-9]\d*)-of-([1-9]\d*)$/.exec(run) ?? [];
  return partFrom(index, of);
}

/** Where a slot's workers wrote what they said, relative to the output folder. */
export const logOfSlot = (run: string, slot: string): string => `.mgpu/runs/${run}/logs/${slot}.log`;

/** The runs in a folder, the oldest first; a folder that isn't there has none. */
export async function listRuns(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
}

/**
 * Deletes the folders of all but the last runs; those of each part are counted by themselves, because many machines may
 * share an output. Never rejects: a run is worth more than the tidiness of
 * older ones.
 */
export async function keepLastRuns({ folder, going, keep = KEPT_RUNS }: KeptRuns): Promise<void> {
  const runs = await listRuns(folder);
  for (const runsOfOne of byPart(runs)) {
    for (const run of runsOfOne.slice(0, Math.max(0, runsOfOne.length - keep))) {
      if (!going.includes(run)) await rm(join(folder, run), { recursive: true, force: true }).catch(() => {});
    }
  }
}

function byPart(runs: readonly string[]): Iterable<string[]> {
  const groups = new Map<string, string[]>();
  for (const run of runs) {
    const part = partOfRun(run);
    const key = part ? `${part.index}/${part.of}` : '';
    const group = groups.get(key);
    if (group) group.push(run);
    else groups.set(key, [run]);
  }
  return groups.values();
}
