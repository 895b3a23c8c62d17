import type { LogLevel } from './events.ts';
import type { Part } from './part.ts';

export const STRATEGIES = ['even', 'balanced', 'dynamic', 'vram'] as const;
export type StrategyName = (typeof STRATEGIES)[number];
/** A strategy, or `auto`: one that suits the translator and the devices. */
export type AskedStrategy = StrategyName | 'auto';

export const BATCH_LAYOUTS = ['tree', 'folder', 'flat'] as const;
/**
 * How pages stand in a script's batch: under their own paths (`tree`), all from one folder and under their file names
 * (`folder`), or all in one folder under distinct names (`flat`).
 */
export type BatchLayout = (typeof BATCH_LAYOUTS)[number];

/** Archives become archives, or folders, or are not read. */
export const ARCHIVES_MODES = ['pack', 'folder', 'off'] as const;
export type ArchivesMode = (typeof ARCHIVES_MODES)[number];

/** This machine, or a Ray cluster: the one that runs here, or the one at `HOST:PORT`. */
export type EngineName = 'local' | 'ray' | `ray:${string}`;

/** Whether pages are copied ahead of the workers: where the input is slow, always, never. */
export const STAGE_MODES = ['auto', 'on', 'off'] as const;
export type StageMode = (typeof STAGE_MODES)[number];

/**
 * What a run is asked to do: flags, environment and config file read, checked and given their defaults. Durations are in
 * milliseconds (0: no limit), sizes in bytes.
 */
export interface RunOptions {
  /** Folders, files and globs, as they were given. */
  readonly inputs: readonly string[];
  /** A file that lists inputs (`-`: standard input). */
  readonly filesFrom?: string;
  /** NUL instead of newline between the names in `filesFrom`. */
  readonly nulSeparated: boolean;
  /** As given; missing: `<input>-translated`. */
  readonly output?: string;
  /** `auto`, `all`, `idle`, `cpu`, or a list of indices, ranges and UUIDs. */
  readonly gpus: string;
  /** With `idle`: how long to wait for such a GPU; 0: not at all. On a cluster: how long to be without one; 0: no limit. */
  readonly gpuWaitMs: number;
  /** With `idle`: memory that has to be free on it. */
  readonly minFreeBytes: number;
  /** `auto`: found out while the run goes on. */
  readonly workersPerGpu: number | 'auto';
  /** Where workers live. */
  readonly engine: EngineName;
  /** The Python that has Ray; missing: $VIRTUAL_ENV, python3, python. */
  readonly rayPython?: string;
  /** The most GPUs of a cluster to hold; missing: all. */
  readonly rayGpus?: number;
  /** Variables of the launcher's environment that workers on other machines get too. */
  readonly passEnv: readonly string[];
  /** The most that the run may use of each card; missing: all that is free. */
  readonly gpuMemoryBytes?: number;
  readonly strategy: AskedStrategy;
  readonly translator?: string;
  readonly command?: string;
  readonly python?: string;
  readonly warm: boolean;
  readonly maxPagesPerWorker?: number;
  readonly maxWorkerMemoryBytes?: number;
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  readonly limit?: number;
  /** So many pages from all over those that are to do. */
  readonly sample?: number;
  /** Suffix of the outputs without a dot, lower case; missing: the page's own. */
  readonly format?: string;
  /** `{stem}_translated{ext}`: how a script names its outputs; missing: its outputs tell. */
  readonly outputName?: string;
  /** Missing: what suits the translator, which is `tree` for a script. */
  readonly batchLayout?: BatchLayout;
  /** `{input}/result`: where a script leaves its outputs; missing: where its command says. */
  readonly outputsIn?: string;
  readonly retries: number;
  readonly pageTimeoutMs: number;
  readonly startTimeoutMs: number;
  readonly maxTimeMs: number;
  /** The run stops once the costs that workers report add up to it. */
  readonly maxCost?: number;
  /** How long a service may refuse pages before the run ends. */
  readonly serviceWaitMs: number;
  /** How many pages may start a minute, over all slots; missing: any number. */
  readonly pagesPerMinute?: number;
  readonly order: 'natural' | 'largest';
  /** Missing: what suits the translator. */
  readonly group?: 'none' | 'folder';
  readonly part?: Part;
  readonly overwrite?: 'all' | 'changed';
  /** What becomes of archives among the inputs. */
  readonly archives: ArchivesMode;
  readonly onFailed: 'leave' | 'copy';
  readonly link: 'auto' | 'copy';
  /** Folder for work in progress; missing: `OUTPUT/.mgpu`. */
  readonly work?: string;
  /** An HTML report is written at the end of the run. */
  readonly html: boolean;
  /** Called when the run has ended; checked. */
  readonly onFinish?: string;
  readonly stage: StageMode;
  /** Where copies of pages wait for the workers, as given; missing: /dev/shm, else the system's temporary folder. */
  readonly stageFolder?: string;
  /** What these copies take at the most; missing: what the disk and memory allow. */
  readonly stageSizeBytes?: number;
  readonly logLevel: LogLevel | 'silent';
  /** Everything after `--`: the arguments of the translator, unchanged. */
  readonly translatorArgs: readonly string[];
}
