import { Command, CommanderError, Option } from 'commander';
import type * as z from 'zod';
import { usageError } from '../model/refusal.ts';
import { badValue } from '../options/bad-value.ts';
import type { GivenArguments } from '../options/find-values.ts';
import { defaultText, flagOf, type OptionSpec } from '../options/option-spec.ts';
import { choice } from '../options/option-types.ts';
import {
  COMMANDS,
  type CommandName,
  type CommandSpec,
  REPORT_FORMATS,
  type ReportFormat,
  SHELLS,
  type Shell,
} from './commands.ts';
import { usageOf, wordCommanderError } from './word-commander-error.ts';

/** What the commands do; each gives its exit code. A command without an action is not offered. */
export interface Actions {
  readonly run?: (given: GivenArguments) => Promise<number>;
  readonly demo?: (given: { readonly folder: string | undefined }) => Promise<number>;
  readonly plan?: (given: GivenArguments) => Promise<number>;
  readonly gpus?: (given: GivenArguments) => Promise<number>;
  readonly doctor?: (given: GivenArguments) => Promise<number>;
  readonly translators?: (given: GivenArguments) => Promise<number>;
  readonly report?: (given: GivenReport) => Promise<number>;
  readonly 'worker-library'?: () => Promise<number>;
  readonly completion?: (given: { readonly shell: Shell }) => Promise<number>;
}

/** What `report` is asked for. */
export interface GivenReport {
  readonly output: string;
  readonly format: ReportFormat;
  /** Where to write it; missing: standard output. */
  readonly file?: string;
  /** Pages whose images are put into an HTML report; missing: none. */
  readonly embed?: number;
}

interface ProgramSetting {
  readonly actions: Actions;
  readonly version: string;
  /** Where `--help` and `--version` go. */
  readonly writeOut: (text: string) => void;
  /** Where help goes that nobody asked for. */
  readonly writeErr: (text: string) => void;
}

/**
 * Reads a command line (without node and script), runs its command and gives its exit code.
 * @throws Refusal (2) for wrong usage, and whatever the action throws
 */
export async function runProgram(argv: readonly string[], setting: ProgramSetting): Promise<number> {
  const end = argv.indexOf('--');
  const own = end < 0 ? argv : argv.slice(0, end);
  let exitCode = 0;
  const program = createProgram(setting, {
    translatorArgs: end < 0 ? undefined : argv.slice(end + 1),
    ended: (code) => {
      exitCode = code;
    },
  });
  try {
    await program.parseAsync([...own], { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return wordCommanderError(error, { own, argv }, program);
    throw error;
  }
}

type Start = (given: GivenArguments) => Promise<number>;

/** The commander program: every command that has an action, with its options in groups. */
function createProgram(
  { actions, version, writeOut, writeErr }: ProgramSetting,
  {
    translatorArgs,
    ended,
  }: { readonly translatorArgs: readonly string[] | undefined; readonly ended: (code: number) => void },
): Command {
  const program = new Command('mgpu-translate')
    .description('Translates folders of manga pages on every GPU of the machine.')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .enablePositionalOptions()
    .showSuggestionAfterError(false)
    .exitOverride()
    .configureOutput({ writeOut, writeErr, outputError: () => {} })
    .addHelpText('after', examplesText(COMMANDS.run.examples.slice(0, 1)));
  const starts: Readonly<Record<string, Start | undefined>> = {
    run: actions.run,
    demo: actions.demo && demoStart(actions.demo),
    plan: actions.plan,
    gpus: actions.gpus,
    doctor: actions.doctor,
    translators: actions.translators,
    report: actions.report && reportStart(actions.report),
    'worker-library': actions['worker-library'],
    completion: actions.completion && completionStart(actions.completion),
  } satisfies Record<CommandName, Start | undefined>;
  for (const [name, spec] of Object.entries<CommandSpec>(COMMANDS)) {
    const start = starts[name];
    if (start === undefined) continue;
    const command = addCommand(program, name, spec);
    command.action(async () => {
      ended(await start({ inputs: command.args, flags: command.opts(), translatorArgs }));
    });
  }
  return program;
}

function addCommand(program: Command, name: string, spec: CommandSpec): Command {
  const command = program.command(name).description(spec.about).allowExcessArguments(false);
  if (spec.argument) command.argument(spec.argument.name, spec.argument.about);
  const flags = Object.entries(spec.options).flatMap(([key, option]) =>
    [flagOf(key, option), option.short].filter((one) => one !== undefined),
  );
  for (const [key, option] of Object.entries(spec.options)) {
    const flag = flagOf(key, option);
    if (flag !== undefined) command.addOption(commanderOption(flag, option, flags));
  }
  if ('translator' in spec.options)
    command.addHelpText('after', '\nEverything after -- is passed to the translator unchanged.');
  if ('config' in spec.options)
    command.addHelpText(
      'after',
      '\nFlags override variables (MGPU_PAGE_TIMEOUT=10m), and variables override the config file ("pageTimeout": "10m").',
    );
  if (spec.ending !== undefined) command.addHelpText('after', `\n${spec.ending}`);
  return command.addHelpText('after', examplesText(spec.examples));
}

function commanderOption(flag: string, spec: OptionSpec, flags: readonly string[]): Option {
  const names = spec.short === undefined ? flag : `${spec.short}, ${flag}`;
  const otherwise = spec.value === undefined ? undefined : defaultText(spec);
  const option = new Option(
    spec.value === undefined ? names : `${names} ${spec.value}`,
    otherwise === undefined ? spec.about : `${spec.about} (default: ${otherwise})`,
  ).helpGroup(`${spec.heading}:`);
  if (spec.value === undefined) return option;
  return option.argParser((value: string, before: unknown) => {
    if (flags.includes(value))
      throw usageError(`${flag}: its value is missing (it is followed by ${value})`, usageOf(option));
    return spec.many ? [...(Array.isArray(before) ? before : []), value] : value;
  });
}

function examplesText(examples: CommandSpec['examples']): string {
  if (examples.length === 0) return '';
  const lines = examples.map(([command, meaning]) => `  # ${meaning}\n  mgpu-translate ${command}`);
  return `\nExamples:\n${lines.join('\n')}`;
}

const demoStart =
  (demo: NonNullable<Actions['demo']>) =>
  ({ inputs }: GivenArguments): Promise<number> =>
    demo({ folder: inputs[0] });

const reportStart =
  (report: NonNullable<Actions['report']>) =>
  ({ inputs, flags }: GivenArguments): Promise<number> => {
    const [output = ''] = inputs;
    if (flags.json === true && flags.format !== undefined && flags.format !== 'json')
      throw usageError(`--json and --format ${String(flags.format)} can't be combined: use one of them`);
    const wanted = flags.json === true ? 'json' : (flags.format ?? 'text');
    const format = oneOf(REPORT_FORMATS, 'format', { flag: '--format', given: wanted });
    const { file, embed } = COMMANDS.report.options;
    if (flags['embed'] !== undefined && format !== 'html')
      throw usageError('--embed is for HTML reports', 'add --format html');
    return report({
      output,
      format,
      ...(flags['embed'] !== undefined && {
        embed: readValue(embed.type, { flag: '--embed', given: flags['embed'] }),
      }),
      ...(flags['file'] !== undefined && {
        file: readValue(file.type, { flag: '--file', given: flags['file'] }),
      }),
    });
  };

const completionStart =
  (completion: NonNullable<Actions['completion']>) =>
  ({ inputs }: GivenArguments): Promise<number> =>
    completion({ shell: oneOf(SHELLS, 'shell', { flag: 'completion', given: inputs[0] }) });

/** @throws Refusal (2) where the value is not valid */
function readValue<T>(type: z.ZodType<T>, { flag, given }: { flag: string; given: unknown }): T {
  const read = type.safeParse(given);
  if (read.success) return read.data;
  throw badValue({ by: 'flag', flag }, { given, problem: read.error.issues[0]?.message ?? 'is not valid' });
}

function oneOf<const T extends readonly [string, ...string[]]>(
  choices: T,
  noun: string,
  { flag, given }: { flag: string; given: unknown },
): T[number] {
  const read = choice(noun, choices).safeParse(given);
  if (read.success) return read.data as T[number];
  throw badValue({ by: 'flag', flag }, { given, problem: read.error.issues[0]?.message ?? 'is not valid' });
}
