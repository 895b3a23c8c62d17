import { homedir } from 'node:os';
import type * as z from 'zod';
import { Refusal, usageError } from '../model/refusal.ts';
import type { RunOptions } from '../model/run-options.ts';
import { badValue } from './bad-value.ts';
import { readConfigFile } from './config-file.ts';
import {
  type Environment,
  type FoundValue,
  type FoundValues,
  findValues,
  type GivenArguments,
  type GivenOptions,
  withHome,
} from './find-values.ts';
import { defaultText, type OptionSpec, spelledAs } from './option-spec.ts';
import { type OptionKey, RUN_OPTIONS } from './option-table.ts';
import { resolvePart } from './part.ts';
import { refuseTogether } from './refuse-together.ts';
import { type Reporting, reportingOf } from './reporting.ts';
import { refuseUnknownKeys, unknownVariables } from './unknown-names.ts';

/** An option's value in the user's words, and where it came from. */
export interface Origin {
  readonly value: unknown;
  /** `flag`, `env MGPU_X`, `config FILE` or `default`. */
  readonly from: string;
}

/** Everything a command needs to know of its options. */
export interface ReadOptions {
  readonly options: RunOptions;
  readonly reporting: Reporting;
  readonly origins: Readonly<Record<string, Origin>>;
  /** What the user should know that is no failure. */
  readonly notices: readonly string[];
}

const table: Readonly<Record<string, OptionSpec>> = RUN_OPTIONS;

/**
 * Flags before MGPU_* variables before the config file before defaults, checked. Pure: no file is looked at.
 * @throws Refusal (2) that names the flag, the variable, or the file and its key, what was found and what may be there.
 */
export function readRunOptions({
  needsInput = true,
  ...asked
}: GivenOptions & {
  /** False for commands that can do without input. */
  readonly needsInput?: boolean;
}): ReadOptions {
  const { env, configFile } = asked;
  if (configFile !== undefined) refuseUnknownKeys(configFile);
  const found = findValues(asked);
  const values = valuesOf(found);
  const part = partOf(values.part, found.part, env);
  const options = toRunOptions(values, part);
  refuseTogether(options);
  if (needsInput && !values.printConfig && options.inputs.length === 0 && options.filesFrom === undefined)
    throw usageError(
      'no input: give the folder that holds the pages',
      'for example: mgpu-translate run ./input --gpus 0,1',
    );
  return {
    options,
    reporting: reportingOf(values, found.reporter),
    origins: originsOf(found, part),
    notices: unknownVariables(env),
  };
}

type Table = typeof RUN_OPTIONS;
/** What each option was read as; those with a default always have a value. */
type OptionValues = {
  readonly [K in OptionKey]:
    | z.output<Table[K]['type']>
    | (Table[K] extends { readonly fallback: unknown } ? never : undefined);
};

const valuesOf = (found: Readonly<FoundValues>): OptionValues =>
  Object.fromEntries(
    Object.entries(table).map(([key, spec]) => {
      const one = found[key] ?? { given: spec.fallback, source: { by: 'default' as const } };
      return [key, one.given === undefined ? undefined : readValue(spec, one)];
    }),
  ) as OptionValues;

function readValue(spec: OptionSpec, { given, source }: FoundValue): unknown {
  const read = spec.type.safeParse(spelledAs(spec, given));
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const at = issue?.path[0];
  const secret = spec.secret ?? false;
  // The value at fault within a list.
  const wrong = typeof at === 'number' && Array.isArray(given) ? given[at] : given;
  const place =
    source.by === 'config' && at !== undefined
      ? { ...source, path: `${source.path}[${String(at)}]` }
      : source;
  throw badValue(place, { given: wrong, problem: issue?.message ?? 'is not valid', secret });
}

function partOf(
  asked: OptionValues['part'],
  found: FoundValue | undefined,
  env: Environment,
): RunOptions['part'] {
  if (asked === undefined || found === undefined) return undefined;
  const part = resolvePart(asked, env);
  if (typeof part === 'string') throw badValue(found.source, { given: found.given, problem: part });
  return part;
}

type Defined<T> = {
  [K in keyof T as undefined extends T[K] ? never : K]: T[K];
} & { [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined> };

const withoutUndefined = <T extends object>(given: T): Defined<T> =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Defined<T>;

const toRunOptions = (values: OptionValues, part: RunOptions['part']): RunOptions =>
  withoutUndefined({
    inputs: values.input ?? [],
    filesFrom: values.filesFrom,
    nulSeparated: values.nulSeparated,
    output: values.output,
    gpus: values.gpus,
    gpuWaitMs: values.gpuWait,
    minFreeBytes: values.minFree ?? 0,
    workersPerGpu: values.workersPerGpu,
    engine: values.engine,
    rayPython: values.rayPython,
    rayGpus: values.rayGpus,
    passEnv: values.passEnv,
    gpuMemoryBytes: values.gpuMemory,
    strategy: values.strategy,
    translator: values.translator,
    command: values.command,
    python: values.python,
    warm: values.warm,
    maxPagesPerWorker: values.maxPagesPerWorker,
    maxWorkerMemoryBytes: values.maxWorkerMemory,
    include: values.include,
    exclude: values.exclude,
    limit: values.limit,
    sample: values.sample,
    format: values.format,
    outputName: values.outputName,
    batchLayout: values.batchLayout,
    outputsIn: values.outputsIn,
    stage: values.stage,
    stageFolder: values.stageFolder,
    stageSizeBytes: values.stageSize,
    retries: values.retries,
    pageTimeoutMs: values.pageTimeout,
    startTimeoutMs: values.startTimeout,
    maxTimeMs: values.maxTime,
    maxCost: values.maxCost,
    serviceWaitMs: values.serviceWait,
    pagesPerMinute: values.pagesPerMinute,
    order: values.order,
    group: values.group,
    part,
    overwrite: values.overwrite,
    archives: values.archives,
    onFailed: values.onFailed,
    link: values.link,
    work: values.work,
    html: values.html,
    onFinish: values.onFinish,
    logLevel: values.logLevel,
    translatorArgs: values.translatorArgs,
  });

const originsOf = (found: Readonly<FoundValues>, part: RunOptions['part']): Record<string, Origin> =>
  Object.fromEntries(
    Object.entries(table)
      .filter(([, spec]) => !spec.flagOnly)
      .map(([key, spec]) => {
        const one = found[key];
        if (one === undefined) return [key, { value: defaultText(spec) ?? 'none', from: 'default' }];
        const isAuto = key === 'part' && part !== undefined && String(one.given).startsWith('auto');
        const value = isAuto ? `${String(one.given)} (${part.index}/${part.of})` : one.given;
        return [key, { value, from: fromWhere(one) }];
      }),
  );

function fromWhere({ source }: FoundValue): string {
  switch (source.by) {
    case 'flag':
      return 'flag';
    case 'variable':
      return `env ${source.variable}`;
    case 'config':
      return `config ${source.file}`;
    case 'default':
      return 'default';
  }
}

/** The error; a Refusal also says which config files were passed over: what it misses may be in one. */
export const noticed = (error: unknown, notices: readonly string[]): unknown =>
  error instanceof Refusal && notices.length > 0
    ? new Refusal(error.exitCode, error.message, error.hint, [...error.details, ...notices])
    : error;

/** What came of the search for a config file. */
interface ConfigRead {
  /** As it is named to the user; missing where none was read. */
  readonly file?: string;
  /** Files that were passed over, and what is odd about the one that was read. */
  readonly notices: readonly string[];
}

/**
 * As `readRunOptions`, with the config file found and read: the one named by --config or MGPU_CONFIG, else the nearest.
 * @throws Refusal (2)
 */
export async function loadRunOptions(request: {
  readonly given: GivenArguments;
  readonly env: Environment;
  readonly cwd: string;
  readonly needsInput?: boolean;
}): Promise<ReadOptions & { readonly config: ConfigRead }> {
  const { flags } = request.given;
  const home = request.env.HOME || homedir();
  const inVariable = request.env.MGPU_CONFIG || undefined;
  const named = typeof flags.config === 'string' ? flags.config : inVariable;
  const notices: string[] = [];
  const configFile = await readConfigFile({
    cwd: request.cwd,
    named: named && withHome(named, home),
    warn: (text) => notices.push(text),
  });
  let read: ReadOptions;
  try {
    read = readRunOptions({ ...request, configFile, home });
  } catch (error) {
    throw noticed(error, notices);
  }
  // In a shared folder it may be somebody else's, and it may name a program to run.
  const isFromAbove = named === undefined && configFile !== undefined && configFile.folder !== request.cwd;
  const above = isFromAbove ? [`Options are read from ${configFile.file}, above this folder.`] : [];
  return {
    ...read,
    config: { ...(configFile && { file: configFile.file }), notices },
    notices: [...read.notices, ...notices, ...above],
  };
}
