import type { OptionSpec } from '../options/option-spec.ts';
import { type OptionKey, RUN_OPTIONS } from '../options/option-table.ts';
import { choice, count, newFolder } from '../options/option-types.ts';

/** Shells that completion is made for. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

export const REPORT_FORMATS = ['text', 'json', 'csv', 'junit', 'html'] as const;
export type ReportFormat = (typeof REPORT_FORMATS)[number];

/** A command as `--help` and completion have it. */
export interface CommandSpec {
  readonly about: string;
  /** What is given without a flag, in commander's notation. */
  readonly argument?: { readonly name: string; readonly about: string; readonly choices?: readonly string[] };
  readonly options: Readonly<Record<string, OptionSpec>>;
  /** Signals and exit codes, for the end of its help. */
  readonly ending?: string;
  readonly examples: readonly (readonly [command: string, meaning: string])[];
}

const inputs = { name: '[input...]', about: RUN_OPTIONS.input.about };
const asJson = (about: string): OptionSpec => ({ ...RUN_OPTIONS.json, about });

const some = (...keys: OptionKey[]): Record<string, OptionSpec> =>
  Object.fromEntries(keys.map((key) => [key, RUN_OPTIONS[key]]));

/** Every command, by its name, in the order of `--help`. */
export const COMMANDS = {
  run: {
    about: 'translate pages on every GPU',
    argument: inputs,
    options: RUN_OPTIONS,
    ending: `Ctrl-C, SIGTERM, SIGUSR1, SIGUSR2, SIGXCPU: once finishes the pages in progress, twice stops immediately.
Exit codes: 0 every page is done, 1 some failed, 2 wrong usage, 3 the run can't start or continue, 4 --max-time or --max-cost was reached,
128 + the signal that stopped it.`,
    examples: [
      ['run ./input --gpus 0,1', 'the translate.py of this folder, on two GPUs, into input-translated'],
      [
        'run ./input -o ./out -t manga-image-translator -- --use-gpu',
        "everything after -- is the translator's",
      ],
      ["run ./input --command 'python tr.py {input} {output}' --retries 0", 'any program'],
      ['run "vol1/*.png" vol2 -o ./out --max-time 8h30m', 'stop before the session does'],
      ['run ./input -t worker:worker.py --engine ray', 'on all GPUs of a Ray cluster'],
      ['run ./input -t demo --gpus cpu -w 2', 'try it: stamps pages, needs no GPU'],
    ],
  },
  demo: {
    about: 'draw a dozen sample pages and translate them on the CPU, to see what a run looks like',
    argument: { name: '[folder]', about: 'where to put them (default: mgpu-demo)' },
    options: {},
    ending: 'Needs python3 and no GPU. Run again, it translates the same pages anew.',
    examples: [],
  },
  plan: {
    about: 'show what run would do, without starting or writing anything',
    argument: inputs,
    options: { ...RUN_OPTIONS, json: asJson('the plan as JSON') },
    examples: [['plan ./input --gpus 0,1 --strategy balanced', 'which GPU would get which pages']],
  },
  gpus: {
    about: 'list the GPUs, who uses them, and which of them a run would use',
    options: { ...some('gpus', 'minFree', 'engine', 'rayPython'), json: asJson('the list as JSON') },
    examples: [['gpus --json', 'for scripts']],
  },
  doctor: {
    about: 'check Python, translator, GPUs and disks, and suggest fixes',
    argument: inputs,
    options: {
      ...some('output', 'work', 'gpus', 'minFree', 'workersPerGpu', 'stage', 'stageFolder', 'stageSize'),
      ...some('engine', 'rayPython', 'rayGpus', 'passEnv'),
      ...some('translator', 'command', 'python', 'warm', 'config'),
      json: asJson('the findings as JSON'),
    },
    examples: [['doctor ./input -t manga-image-translator', 'before the first long run']],
  },
  translators: {
    about: 'list the programs that --translator knows by name, and which of them are here',
    options: { json: asJson('the list as JSON') },
    examples: [['translators --json', 'for scripts']],
  },
  report: {
    about: 'summarize a run, finished or still running',
    argument: { name: '<output>', about: 'the output folder of the run' },
    options: {
      format: {
        heading: 'Reporting',
        value: '<format>',
        about: 'text, json, csv, junit or html',
        type: choice('format', REPORT_FORMATS),
        flagOnly: true,
        fallback: 'text',
      },
      file: {
        heading: 'Reporting',
        value: '<file>',
        about: 'write to a file, which is replaced',
        type: newFolder,
        flagOnly: true,
        fallbackText: 'standard output',
        holds: 'path',
      },
      embed: {
        heading: 'Reporting',
        value: '<number>',
        about: 'with html: put the images of so many pages into the file',
        type: count(0),
        flagOnly: true,
        fallback: 0,
      },
      json: asJson('short for --format json'),
    },
    examples: [
      [
        'report ./input-translated --format html --file report.html',
        'pages before and after, failures, a timeline',
      ],
      ['report ./input-translated --format csv', 'one line per page'],
    ],
  },
  'worker-library': {
    about: 'print the path of the Python library for warm workers',
    options: {},
    examples: [],
  },
  completion: {
    about: 'print a completion script for a shell',
    argument: { name: '<shell>', about: SHELLS.join(', '), choices: SHELLS },
    options: {},
    examples: [
      ['completion bash > ~/.local/share/bash-completion/completions/mgpu-translate', 'bash'],
      ['completion zsh > ~/.zsh/completions/_mgpu-translate', 'zsh'],
      ['completion fish > ~/.config/fish/completions/mgpu-translate.fish', 'fish'],
    ],
  },
} as const satisfies Record<string, CommandSpec>;

export type CommandName = keyof typeof COMMANDS;
