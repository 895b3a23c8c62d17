import { writeFile } from 'node:fs/promises';
import type { StoryLimits } from './fault-kind.ts';
import { type SeedResult, seedText } from './seed-result.ts';
import { checksTable, faultsTable } from './tables.ts';

/** Writes the page, every figure from what was seen. */
export async function writeReliabilityPage(
  file: string,
  seeds: readonly SeedResult[],
  limits: StoryLimits,
): Promise<void> {
  await writeFile(
    file,
    `${seeds.map(seedText).join('\n')}\n\n${faultsTable(seeds, limits)}\n\n${checksTable(seeds)}\n`,
  );
}
