import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Machine } from './bench.ts';
import type { FaultsResult } from './faults.ts';
import type { ForecastResult } from './forecast.ts';
import type { LauncherResult } from './launcher.ts';
import type { OneCardResult } from './one-card.ts';
import type { PeersResult } from './peers.ts';
import type { StagingResult } from './staging.ts';
import type { StartResult } from './start.ts';
import type { StrategiesResult } from './strategies.ts';
import type { VramResult } from './vram.ts';

/** What `bench/results.json` holds: of each section the last measurement. */
export interface Results {
  readonly machine: Machine;
  readonly start?: Full<StartResult>;
  readonly peers?: Full<PeersResult>;
  readonly strategies?: Full<StrategiesResult>;
  readonly faults?: Full<FaultsResult>;
  readonly launcher?: Full<LauncherResult>;
  readonly oneCard?: Full<OneCardResult>;
  readonly vram?: Full<VramResult>;
  readonly forecast?: Full<ForecastResult>;
  readonly staging?: Full<StagingResult>;
}

/** Results of all sections. */
export type FullResults = Required<Omit<Results, 'machine'>>;

/** `full`: measured with all that there is, so that it may be shown. */
export type Full<Result> = Result & { readonly full: boolean };

/** The sections measured before, if any. */
export async function readResults(home: string): Promise<Partial<Results>> {
  const text = await readFile(join(home, 'results.json'), 'utf8').catch(() => '{}');
  return JSON.parse(text) as Partial<Results>;
}

export const writeResults = (home: string, results: Results): Promise<void> =>
  writeFile(join(home, 'results.json'), `${JSON.stringify(results, undefined, 2)}\n`);

/** Those of the sections that were measured in full: one measured in short is no part of a page that people rely on. */
export const inFull = ({ machine, ...sections }: Results): Results => ({
  machine,
  ...Object.fromEntries(Object.entries(sections).filter(([, { full }]) => full)),
});
