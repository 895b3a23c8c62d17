import type { Command, CommanderError } from 'commander';
import { nearest, slipOf } from '../model/nearest.ts';
import { usageError } from '../model/refusal.ts';
import { shown } from '../options/bad-value.ts';

/**
 * What commander ended with: the exit code where it only printed help or the version.
 * @throws Refusal (2) in our words for wrong usage, with the nearest valid thing
 */
export function wordCommanderError(error: CommanderError, argv: readonly string[], program: Command): number {
  const command = program.commands.find((one) => one.name() === argv[0]);
  const quoted = /'(.*)'/s.exec(error.message)?.[1] ?? '';
  switch (error.code) {
    case 'commander.helpDisplayed':
    case 'commander.version':
      return 0;
    case 'commander.help':
      return error.exitCode === 0 ? 0 : 2;
    case 'commander.unknownOption':
      throw command === undefined
        ? optionBeforeCommand(quoted, argv, program)
        : unknownOption(quoted, command, argv);
    case 'commander.unknownCommand':
      throw unknownCommand(quoted, argv, program);
    case 'commander.optionMissingArgument':
      throw usageError(`${longName(quoted)}: its value is missing`, helpHint(command));
    case 'commander.missingArgument':
      throw usageError(`${command?.name() ?? 'the command'}: its <${quoted}> is missing`, helpHint(command));
    case 'commander.excessArguments':
      throw usageError(`${command?.name() ?? 'the command'}: too many arguments`, helpHint(command));
    default:
      throw usageError(error.message.replace(/^error: /, ''), helpHint(command));
  }
}

/** `-o, --output <folder>` → `--output` */
const longName = (flags: string): string => /--[\w-]+/.exec(flags)?.[0] ?? flags;

const helpHint = (command: Command | undefined): string =>
  `see mgpu-translate ${command === undefined ? '' : `${command.name()} `}--help`;

function unknownOption(given: string, command: Command, argv: readonly string[]) {
  const [flag = given] = given.split('=');
  const flags = command.options.flatMap(({ long }) => long ?? []);
  const meant = slipOf(flag, flags);
  const message = `${shown(flag)}: no such option of ${command.name()}`;
  if (!flags.includes('--translator')) {
    return usageError(
      `${message}${meant === undefined ? '' : `; did you mean ${meant}?`}`,
      helpHint(command),
    );
  }
  const theirs = 'options of the translator go after --';
  if (meant !== undefined)
    return usageError(`${message}; did you mean ${meant}?`, `${helpHint(command)}; ${theirs}`);
  // What follows is its value, unless it looks like an input.
  const next = argv[argv.indexOf(given) + 1];
  const value = next === undefined || given.includes('=') || /^-|[/.*]/.test(next) ? '' : ` ${shown(next)}`;
  return usageError(
    message,
    `${theirs}: mgpu-translate ${command.name()} ./input -- ${shown(given)}${value}`,
  );
}

function optionBeforeCommand(given: string, argv: readonly string[], program: Command) {
  const names = program.commands.map((one) => one.name());
  const after = argv.find((one) => names.includes(one));
  return usageError(
    `${shown(given)}: options go after a command`,
    `for example: mgpu-translate ${after ?? 'run'} ${[...argv]
      .filter((one) => one !== after)
      .map(shown)
      .join(' ')}`,
  );
}

function unknownCommand(given: string, argv: readonly string[], program: Command) {
  const names = program.commands.map((one) => one.name());
  const meant = /[./]/.test(given) ? undefined : nearest(given, names);
  if (meant !== undefined)
    return usageError(`${shown(given)}: no such command; did you mean ${meant}?`, helpHint(undefined));
  // `translate ./input` says what it wants, and is no input itself.
  const isVerb = /^(?:translate|start|process|convert|execute|exec|go|do|batch|manga)$/i.test(given);
  const rest = isVerb ? argv.toSpliced(argv.indexOf(given), 1) : argv;
  return usageError(
    `${shown(given)}: no such command (${names.join(', ')})`,
    `to translate it: mgpu-translate run ${(rest.length > 0 ? rest.map(shown) : ['./input']).join(' ')}`,
  );
}
