import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Machine } from './bench.ts';
import type { FaultsResult } from './faults.ts';
import type { ForecastResult } from './forecast.ts';
import type { LauncherResult } from './launcher.ts';
import type { OneCardResult } from './one-card.ts';
import type { PeersResult } from './peers.ts';
import type { StartResult } from './start.ts';
import type { StrategiesResult } from './strategies.ts';

/** What `bench/results.json` holds: of each section the last measurement. */
export interface Results {
  readonly machine: Machine;
  readonly start?: Full<StartResult>;
  readonly peers?: Full<PeersResult>;
  readonly strategies?: Full<StrategiesResult>;
  readonly faults?: Full<FaultsResult>;
  readonly launcher?: Full<LauncherResult>;
  readonly oneCard?: Full<OneCardResult>;
  /** For those who work on it: the page does not show it. */
  readonly forecast?: Full<ForecastResult>;
}

/** Results of all sections that the page shows. */
export type CompleteResults = Required<Omit<Results, 'forecast'>>;

/** `full`: measured with all that there is, so that it may be shown. */
export type Full<Result> = Result & { readonly full: boolean };

/** The sections measured before, if any. */
export async function readResults(home: string): Promise<Partial<Results>> {
  const text = await readFile(join(home, 'results.json'), 'utf8').catch(() => '{}');
  return JSON.parse(text) as Partial<Results>;
}

export const writeResults = (home: string, results: Results): Promise<void> =>
  writeFile(join(home, 'results.json'), `${JSON.stringify(results, undefined, 2)}\n`);

/** A section left out or measured in short is no part of a page that people rely on. */
export const isComplete = (results: Results): results is CompleteResults =>
  [results.start, results.peers, results.strategies, results.faults, results.launcher, results.oneCard].every(
    (section) => section?.full === true,
  );
