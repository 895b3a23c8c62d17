import { ARCHIVES_MODES, BATCH_LAYOUTS, STAGE_MODES, STRATEGIES } from '../model/run-options.ts';
import { REPORTERS } from '../report/choose.ts';
import { RECIPES } from '../translators/recipes/recipes.ts';
import * as machine from './machine-types.ts';
import { type OptionSpec, under } from './option-spec.ts';
import * as type from './option-types.ts';

/**
 * Every option of `run`, by its key in the config file. Flags, MGPU_* variables, the config file and its JSON schema,
 * `--help`, `--print-config` and shell completion are all made from this table.
 */
export const RUN_OPTIONS = {
  ...under('Pages', {
    input: {
      positional: true,
      value: '<input...>',
      about: 'folders, files or globs of page images',
      type: type.texts,
      holds: 'path',
    },
    filesFrom: {
      value: '<file>',
      about: 'read input names from a file, one per line (-: standard input)',
      type: type.text,
      holds: 'path',
    },
    nulSeparated: {
      short: '-0',
      about: 'names in --files-from are separated by NUL instead of newlines',
      type: type.onOff,
      fallback: 'off',
    },
    include: {
      value: '<glob>',
      many: true,
      about: 'only pages whose path in the input matches; can be repeated',
      type: type.texts,
      fallback: [],
      fallbackText: 'all images',
    },
    exclude: {
      value: '<glob>',
      many: true,
      about: 'no pages whose path in the input matches; can be repeated',
      type: type.texts,
      fallback: [],
    },
    limit: {
      value: '<number>',
      about: 'only the first so many of the pages to do',
      type: type.countOrOff,
      fallback: 'off',
    },
    sample: {
      value: '<number>',
      about: 'only so many of the pages to do, from all over the input, then how long the others will take',
      type: type.countOrOff,
      fallback: 'off',
    },
    part: {
      value: '<i/N>',
      about:
        "this machine's share of a job split over several; auto, auto/N: from a Slurm array or Kubernetes index",
      type: machine.part,
      fallback: 'off',
    },
  }),
  ...under('Output', {
    output: {
      short: '-o',
      value: '<folder>',
      about: 'where translated pages go',
      type: type.newFolder,
      fallbackText: '<input>-translated, next to a single input folder or archive',
      holds: 'path',
    },
    format: {
      value: '<suffix>',
      about: 'format of the outputs, by suffix: png, jpg, webp',
      type: type.suffix,
      fallbackText: "each page's own",
    },
    outputName: {
      value: '<pattern>',
      about: "how a script names its outputs: '{stem}_translated{ext}'",
      type: type.outputName,
      fallbackText: "each page's own name; a script's constant ending is recognised",
    },
    overwrite: {
      value: '<which>',
      about: 'translate pages again: all, or changed (those made with other options)',
      type: type.choiceOrOff('choice', ['all', 'changed']),
      choices: ['all', 'changed', 'off'],
      fallback: 'off',
    },
    archives: {
      value: '<what>',
      about: 'make archives (.cbz, .zip) of archives, or folders, or leave them out',
      type: type.choice('choice', ARCHIVES_MODES),
      fallback: 'pack',
    },
    onFailed: {
      value: '<what>',
      about: 'leave a failed page out, or copy the original into its place',
      type: type.choice('choice', ['leave', 'copy']),
      fallback: 'leave',
    },
    link: {
      value: '<how>',
      about: 'what translators get: auto (the originals; scripts get links to them) or copy',
      type: type.choice('choice', ['auto', 'copy']),
      fallback: 'auto',
    },
    work: {
      value: '<folder>',
      about: 'folder for work in progress',
      type: type.newFolder,
      fallbackText: 'OUTPUT/.mgpu',
      holds: 'path',
    },
  }),
  ...under('GPUs and workers', {
    gpus: {
      short: '-g',
      value: '<list>',
      about: '0,1 · 0-3 · UUIDs · auto (also all) · idle (those that nobody else uses) · cpu',
      type: machine.gpuList,
      fallback: 'auto',
      choices: ['auto', 'all', 'idle', 'cpu'],
    },
    gpuWait: {
      value: '<duration>',
      about:
        'with --gpus idle: wait up to this long for such a GPU (off: refuse to start); with --engine ray: longest time without a GPU (off: no limit)',
      type: type.duration,
      fallback: 'off',
    },
    minFree: {
      value: '<size>',
      about: 'with --gpus idle: memory that must be free on a GPU',
      type: type.sizeOrOff,
      fallback: '4GB',
    },
    workersPerGpu: {
      short: '-w',
      value: '<number>',
      about: 'number of workers that share each GPU; auto finds it, for a translator that stays loaded',
      type: type.countOrAuto,
      fallback: 1,
      choices: ['auto'],
    },
    gpuMemory: {
      value: '<size>',
      about: 'plan with at most this much of the memory of each GPU (12GB)',
      type: type.sizeOrOff,
      fallbackText: 'all that is free',
    },
    strategy: {
      short: '-s',
      value: '<name>',
      about:
        'how pages are distributed: even, balanced, dynamic, vram (large pages to large GPUs); auto: dynamic (vram where pages fit some GPUs only) for warm workers and unequal GPUs, else even',
      type: type.choice('strategy', ['auto', ...STRATEGIES]),
      fallback: 'auto',
    },
    order: {
      value: '<order>',
      about: 'natural (first chapter first), or largest (largest pages first)',
      type: type.choice('order', ['natural', 'largest']),
      fallback: 'natural',
    },
    group: {
      value: '<by>',
      about: 'none, or folder (each folder stays on one worker, in order)',
      type: type.choice('group', ['none', 'folder']),
      fallbackText: 'none; folder if the translator carries context',
    },
  }),
  ...under('Ray cluster', {
    engine: {
      value: '<where>',
      about: 'where workers live: local, ray (the cluster that this machine is in), ray:HOST:PORT',
      type: machine.engine,
      choices: ['local', 'ray'],
      fallback: 'local',
    },
    rayPython: {
      value: '<program>',
      about: 'with --engine ray: Python that has Ray, in the version of the cluster',
      type: type.text,
      fallbackText: '$VIRTUAL_ENV, python3, python',
      holds: 'program',
    },
    rayGpus: {
      value: '<number>',
      about: 'with --engine ray: hold at most this many GPUs, wherever they are',
      type: type.countOrOff,
      fallbackText: 'all of the cluster',
    },
    passEnv: {
      value: '<names>',
      about: 'with --engine ray: variables that workers get from this environment: OPENAI_API_KEY,HF_HOME',
      type: type.variableNames,
      fallback: [],
      fallbackText: 'none',
    },
  }),
  ...under('Slow input', {
    stage: {
      value: '<when>',
      about: 'copy pages to memory ahead of the workers: auto (from a slow disk), on, off',
      type: type.stageMode,
      choices: STAGE_MODES,
      fallback: 'auto',
    },
    stageFolder: {
      value: '<folder>',
      about: 'where these copies wait',
      type: type.newFolder,
      fallbackText: "/dev/shm, else the system's temporary folder",
      holds: 'path',
    },
    stageSize: {
      value: '<size>',
      about: 'the most that these copies take',
      type: type.sizeOrOff,
      fallback: '1GB',
    },
  }),
  ...under('Translator', {
    translator: {
      short: '-t',
      value: '<name>',
      about:
        'a .py script, manga-image-translator or its checkout, worker:PATH, a program that is known (see translators), demo',
      type: type.text,
      choices: ['manga-image-translator', ...RECIPES.map(({ name }) => name), 'demo'],
      fallbackText: 'translate.py here, else manga_translator',
      holds: 'translator',
    },
    command: {
      value: '<template>',
      about:
        'program to run, with {input} {output} or {page} {pageOutput}, {gpu} {gpuIndex} {slot}; without a shell',
      type: type.text,
      fallbackText: 'PYTHON SCRIPT --input {input} --output {output}',
      secret: true,
    },
    batchLayout: {
      value: '<layout>',
      about: 'what a script gets: tree, folder (one folder at a time), flat (distinct names, one folder)',
      type: type.choice('layout', BATCH_LAYOUTS),
      fallbackText: 'tree',
    },
    outputsIn: {
      value: '<folder>',
      about: "where a script leaves its outputs: '{input}/result', a folder in its batch",
      type: type.outputsIn,
      fallbackText: '{output}, else {input}-translated',
    },
    python: {
      value: '<program>',
      about: 'Python that runs the translator',
      type: type.text,
      fallbackText: '$VIRTUAL_ENV, python3, python',
      holds: 'program',
    },
    warm: {
      value: '<on|off>',
      about: 'keep manga-image-translator loaded, or run its command line',
      type: type.onOff,
      choices: ['on', 'off'],
      fallback: 'on',
    },
    maxPagesPerWorker: {
      value: '<number>',
      about: 'restart a warm worker after this many pages',
      type: type.countOrOff,
      fallback: 'off',
    },
    maxWorkerMemory: {
      value: '<size>',
      about: 'restart a warm worker that uses more memory than this: 12GB',
      type: type.sizeOrOff,
      fallback: 'off',
    },
    translatorArgs: {
      configOnly: true,
      about: "the translator's own arguments; arguments after -- on the command line replace them",
      type: type.textList,
      fallback: [],
      secret: true,
    },
  }),
  ...under('Failures and limits', {
    retries: {
      value: '<number>',
      about: 'more attempts for a page that failed',
      type: type.count(0),
      fallback: 2,
    },
    pageTimeout: {
      value: '<duration>',
      about: 'longest wait for a page (90s, 10m, 8h30m; 0: no limit)',
      type: type.duration,
      fallback: '15m',
    },
    startTimeout: {
      value: '<duration>',
      about: 'longest wait for a worker to start and load its models',
      type: type.duration,
      fallback: '30m',
    },
    maxTime: {
      value: '<duration>',
      about: 'stop gracefully after this time; the same command resumes later',
      type: type.duration,
      fallback: 'off',
    },
    maxCost: {
      value: '<amount>',
      about: "stop gracefully once the costs that warm workers report add up to this, earlier runs' left out",
      type: type.amountOrOff,
      fallback: 'off',
    },
    serviceWait: {
      value: '<duration>',
      about: 'stop when a service has refused requests for this long (429, 503; 0: no limit)',
      type: type.duration,
      fallback: '30m',
    },
    pagesPerMinute: {
      value: '<number>',
      about: "start at most this many pages a minute, over all workers: a service's limit",
      type: type.countOrOff,
      fallback: 'off',
    },
  }),
  ...under('Reporting', {
    reporter: {
      value: '<name>',
      about: 'auto, tty (a bar), plain (lines), json (events on stdout), none (only the summary)',
      type: type.choice('reporter', REPORTERS),
      fallback: 'auto',
    },
    json: { flagOnly: true, about: 'short for --reporter json', type: type.onOff },
    quiet: {
      flagOnly: true,
      short: '-q',
      about: 'errors only: no progress, no summary',
      type: type.onOff,
    },
    html: {
      value: '<on|off>',
      about: 'write an HTML report at the end of the run: OUTPUT/.mgpu/runs/RUN/report.html',
      type: type.onOff,
      choices: ['on', 'off'],
      fallback: 'on',
    },
    onFinish: {
      value: '<command>',
      about:
        'program to run when the run ended, with {exitCode} {translated} {failed} {left} {output} {seconds} and the summary as JSON on its standard input; without a shell',
      type: type.finishCommandOrOff,
      fallback: 'off',
      secret: true,
    },
    logLevel: {
      value: '<level>',
      about: "which of the translator's lines to show: debug, info, warn, error, silent",
      type: type.choice('level', ['debug', 'info', 'warn', 'error', 'silent']),
      fallback: 'warn',
    },
  }),
  ...under('Configuration', {
    config: {
      flagOnly: true,
      value: '<file>',
      about: 'JSON or YAML file with options (also MGPU_CONFIG)',
      type: type.text,
      fallbackText: 'the nearest mgpu-translate.config.json or .yaml',
      holds: 'path',
    },
    printConfig: {
      flagOnly: true,
      about: "show each option's value and where it came from, and exit",
      type: type.onOff,
    },
  }),
} as const satisfies Record<string, OptionSpec>;

/** A key of the options' table, as the config file has it. */
export type OptionKey = keyof typeof RUN_OPTIONS;
