import type * as z from 'zod';
import type { RunOptions } from '../model/run-options.ts';
import type { RUN_OPTIONS } from '../options/option-table.ts';
import { readRunOptions } from '../options/read-options.ts';

/**
 * What to translate and how: the options of `mgpu-translate run`, by their names in the config file and with the same
 * values and defaults. Paths are relative to `cwd`.
 */
export interface TranslateOptions {
  /** Folders, files and globs of page images. */
  readonly input?: string | readonly string[];
  /** A file with the names of inputs, one a line. */
  readonly filesFrom?: string;
  /** Names in `filesFrom` end with NUL, not newline. */
  readonly nulSeparated?: boolean;
  /** Where translated pages go. Default: `<input>-translated` beside a single input folder. */
  readonly output?: string;
  /** `auto`, `cpu`, `'0,1'`, `[0, 1]`, UUIDs. */
  readonly gpus?: string | number | readonly (string | number)[];
  /** With `gpus: 'idle'`: wait up to this long for such a GPU, and memory that must be free on it (`4GB`). */
  readonly gpuWait?: string;
  readonly minFree?: string;
  /** `auto` finds the number that makes a run fastest, for translators that stay loaded. */
  readonly workersPerGpu?: number | 'auto';
  /** Where workers live: `local`, `ray` (the cluster that this machine is in), `ray:HOST:PORT`. */
  readonly engine?: string;
  /** With `engine: 'ray'`: the Python that has Ray, the most GPUs to hold, and variables that workers get. */
  readonly rayPython?: string;
  readonly rayGpus?: number;
  readonly passEnv?: string | readonly string[];
  /** The most that the run plans to use of each GPU's memory: `12GB`. */
  readonly gpuMemory?: string;
  /** Default: `auto`, which is `dynamic` for warm workers and unequal GPUs, else `even`. */
  readonly strategy?: 'auto' | 'even' | 'balanced' | 'dynamic' | 'vram';
  /** A `.py` script, `manga-image-translator` or its checkout, `worker:PATH`, a program that is known (`real-esrgan:FOLDER`), `demo`. */
  readonly translator?: string;
  /** Program to start, with `{input}` `{output}` or `{page}` `{pageOutput}`, `{gpu}` `{gpuIndex}` `{slot}`; no shell. */
  readonly command?: string;
  readonly python?: string;
  /** Whether manga-image-translator stays loaded. */
  readonly warm?: boolean;
  /** The translator's own arguments. */
  readonly translatorArgs?: readonly string[];
  readonly maxPagesPerWorker?: number;
  /** `12GB` */
  readonly maxWorkerMemory?: string;
  /** Globs on page ids. */
  readonly include?: string | readonly string[];
  readonly exclude?: string | readonly string[];
  /** Only the first pages that are still to do. */
  readonly limit?: number;
  /** Only so many of the pages to do, from all over the input. */
  readonly sample?: number;
  /** Suffix of the outputs: `png`. */
  readonly format?: string;
  /** How a script names its outputs: `{stem}_translated{ext}`. Default: as its pages, or with a constant ending that is understood. */
  readonly outputName?: string;
  /** What a script gets: pages under their own paths, one folder at a time, or all in one folder under distinct names. Default: `tree`. */
  readonly batchLayout?: 'tree' | 'folder' | 'flat';
  /** Where a script leaves its outputs, as `{input}/result`. Default: `{output}`, or `{input}-translated` where the command has none. */
  readonly outputsIn?: string;
  /** Whether pages are copied to memory ahead of the workers. Default: `auto`, from a slow disk. */
  readonly stage?: 'auto' | 'on' | 'off';
  /** Where these copies wait. Default: /dev/shm, else the system's temporary folder. */
  readonly stageFolder?: string;
  /** The most that they take: `1GB`. */
  readonly stageSize?: string;
  /** More tries for a page that failed. */
  readonly retries?: number;
  /** Durations: `90s`, `10m`, `8h30m`, `off`. */
  readonly pageTimeout?: string;
  readonly startTimeout?: string;
  readonly maxTime?: string;
  /** Stops once the costs that warm workers report in this run add up to it. */
  readonly maxCost?: number;
  readonly serviceWait?: string;
  /** So many pages may start a minute, over all workers. */
  readonly pagesPerMinute?: number;
  readonly order?: 'natural' | 'largest';
  readonly group?: 'none' | 'folder';
  /** `2/4`: the second of four machines' shares. */
  readonly part?: string;
  readonly overwrite?: 'all' | 'changed' | 'off';
  readonly archives?: 'pack' | 'folder' | 'off';
  readonly onFailed?: 'leave' | 'copy';
  readonly link?: 'auto' | 'copy';
  /** Folder for work in progress. */
  readonly work?: string;
  /** Whether an HTML report is written at the end. Default: yes. */
  readonly html?: boolean;
}

/** What the types that read the options take; options that only show things are the command line's. */
type Readable = {
  readonly [K in Exclude<
    keyof typeof RUN_OPTIONS,
    'config' | 'printConfig' | 'json' | 'quiet' | 'reporter' | 'logLevel' | 'onFinish'
  >]?: Deeply<z.input<(typeof RUN_OPTIONS)[K]['type']>>;
};
type Deeply<T> = T extends readonly (infer E)[] ? readonly E[] : T;

/**
 * Checks the options and fills in the defaults, as the command line does; `MGPU_*` variables and config files are not looked
 * at, but for the platform's that `part: 'auto'` asks for.
 * @throws Refusal (2) that names the option, what was found and what may be there
 */
export function readTranslateOptions(
  options: TranslateOptions,
  { cwd, env }: { cwd: string; env: Readonly<Record<string, string | undefined>> },
): RunOptions {
  const values: Readable & TranslateOptions = options;
  const given = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
  const platform = Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('MGPU_')));
  const read = readRunOptions({
    given: { inputs: [], flags: {} },
    env: platform,
    cwd,
    configFile: { file: 'translatePages', folder: cwd, values: given },
  });
  return read.options;
}

/** Every option of the command line that decides what a run does is here: the compiler says which is missing. */
type Missing = Exclude<keyof Readable, keyof TranslateOptions>;
({}) satisfies Record<Missing, never>;
