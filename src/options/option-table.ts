import { STRATEGIES } from '../model/run-options.ts';
import { REPORTERS } from '../report/choose.ts';
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
      about: 'folders, files and globs of page images',
      type: type.texts,
      holds: 'path',
    },
    filesFrom: {
      value: '<file>',
      about: 'take the names of inputs from a file, one a line (-: standard input)',
      type: type.text,
      holds: 'path',
    },
    nulSeparated: {
      short: '-0',
      about: 'names in --files-from end with NUL, not newline',
      type: type.onOff,
      fallback: 'off',
    },
    include: {
      value: '<glob>',
      many: true,
      about: 'only pages whose path under the input matches; may be repeated',
      type: type.texts,
      fallback: [],
      fallbackText: 'all images',
    },
    exclude: {
      value: '<glob>',
      many: true,
      about: 'without pages whose path under the input matches; may be repeated',
      type: type.texts,
      fallback: [],
    },
    limit: {
      value: '<number>',
      about: 'only the first pages that are still to do',
      type: type.countOrOff,
      fallback: 'off',
    },
    part: {
      value: '<i/N>',
      about:
        "this machine's share, where several split one job; auto, auto/N: from a Slurm array or Kubernetes index",
      type: type.part,
      fallback: 'off',
    },
  }),
  ...under('Output', {
    output: {
      short: '-o',
      value: '<folder>',
      about: 'where translated pages go',
      type: type.newFolder,
      fallbackText: '<input>-translated beside a single input folder',
      holds: 'path',
    },
    format: {
      value: '<suffix>',
      about: 'suffix of the outputs: png, jpg, webp',
      type: type.suffix,
      fallbackText: "each page's own",
    },
    outputName: {
      value: '<pattern>',
      about: "how a script names its outputs: '{stem}_translated{ext}'",
      type: type.outputName,
      fallbackText: "each page's own name; a script's constant ending is understood",
    },
    overwrite: {
      value: '<which>',
      about: 'do pages again: all, or changed (those made with other options)',
      type: type.choiceOrOff('choice', ['all', 'changed']),
      choices: ['all', 'changed', 'off'],
      fallback: 'off',
    },
    onFailed: {
      value: '<what>',
      about: 'leave a failed page out, or copy the original in its place',
      type: type.choice('choice', ['leave', 'copy']),
      fallback: 'leave',
    },
    link: {
      value: '<how>',
      about: 'what translators get: auto (the originals, as links for a script) or copy',
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
      about: '0,1 · 0-3 · UUIDs · auto (also all) · cpu',
      type: type.gpuList,
      fallback: 'auto',
      choices: ['auto', 'all', 'cpu'],
    },
    workersPerGpu: {
      short: '-w',
      value: '<number>',
      about: 'workers that share each GPU',
      type: type.count(1),
      fallback: 1,
    },
    strategy: {
      short: '-s',
      value: '<name>',
      about: 'how pages come to GPUs: even, balanced, dynamic',
      type: type.choice('strategy', STRATEGIES),
      fallbackText: 'even for a one-shot translator, dynamic for a warm one',
    },
    order: {
      value: '<order>',
      about: 'natural (first chapter first) or largest pages first',
      type: type.choice('order', ['natural', 'largest']),
      fallback: 'natural',
    },
    group: {
      value: '<by>',
      about: 'none, or folder: a folder stays on one worker, in order',
      type: type.choice('group', ['none', 'folder']),
      fallbackText: 'none; folder where the translator carries context',
    },
  }),
  ...under('Translator', {
    translator: {
      short: '-t',
      value: '<name>',
      about: 'manga-image-translator, demo, a .py script, a checkout folder, worker:PATH',
      type: type.text,
      choices: ['manga-image-translator', 'demo'],
      fallbackText: 'translate.py here, else manga_translator',
      holds: 'translator',
    },
    command: {
      value: '<template>',
      about: 'program to start, with {input} {output} {gpu} {slot}; no shell',
      type: type.text,
      fallbackText: 'PYTHON SCRIPT --input {input} --output {output}',
      secret: true,
    },
    python: {
      value: '<program>',
      about: 'Python to run the translator with',
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
      about: 'renew a warm worker after so many pages',
      type: type.countOrOff,
      fallback: 'off',
    },
    maxWorkerMemory: {
      value: '<size>',
      about: 'renew a warm worker that holds more memory: 12GB',
      type: type.sizeOrOff,
      fallback: 'off',
    },
    translatorArgs: {
      configOnly: true,
      about: "the translator's own arguments; what stands after -- on the command line replaces them",
      type: type.textList,
      fallback: [],
      secret: true,
    },
  }),
  ...under('When things go wrong', {
    retries: {
      value: '<number>',
      about: 'more tries for a page that failed',
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
      about: "longest wait for a worker's first sign, models loaded",
      type: type.duration,
      fallback: '30m',
    },
    maxTime: {
      value: '<duration>',
      about: 'stop in good order after this time; the same command goes on later',
      type: type.duration,
      fallback: 'off',
    },
    serviceWait: {
      value: '<duration>',
      about: 'stop once a service has refused for so long (429, 503; 0: no limit)',
      type: type.duration,
      fallback: '30m',
    },
  }),
  ...under('What is shown', {
    reporter: {
      value: '<name>',
      about: 'auto, tty (a bar), plain (lines), json (events on stdout), none (the summary alone)',
      type: type.choice('reporter', REPORTERS),
      fallback: 'auto',
    },
    json: { flagOnly: true, about: 'short for --reporter json', type: type.onOff },
    quiet: {
      flagOnly: true,
      short: '-q',
      about: 'nothing but errors: no progress, no summary',
      type: type.onOff,
    },
    logLevel: {
      value: '<level>',
      about: "which of the translators' lines: debug, info, warn, error, silent",
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
      about: "show each option's value and where it came from, and end",
      type: type.onOff,
    },
  }),
} as const satisfies Record<string, OptionSpec>;

/** A key of the options' table, as the config file has it. */
export type OptionKey = keyof typeof RUN_OPTIONS;
