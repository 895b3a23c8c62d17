import type { Command, CommanderError, Option } from 'commander';
import { nearest, slipOf } from '../model/nearest.ts';
import { type Refusal, usageError } from '../model/refusal.ts';
import { shellQuote } from '../model/shell-quote.ts';
import { shown } from '../options/bad-value.ts';
import { type Instead, insteadOf } from '../options/other-names.ts';
import { otherCommand } from './other-commands.ts';

/** A hint is a line: what somebody typed may be thousands of names. */
const LONGEST_TYPED = 300;

/** The words that were typed. */
interface Typed {
  /** Without `--` and what follows it. */
  readonly own: readonly string[];
  readonly argv: readonly string[];
}

/**
 * What commander ended with: the exit code where it only printed help or the version.
 * @throws Refusal (2) in our words for wrong usage, with what to type instead
 */
export function wordCommanderError(error: CommanderError, typed: Typed, program: Command): number {
  const command = program.commands.find((one) => one.name() === typed.own[0]);
  const quoted = /'(.*)'/s.exec(error.message)?.[1] ?? '';
  switch (error.code) {
    case 'commander.helpDisplayed':
    case 'commander.version':
      return 0;
    case 'commander.help':
      return error.exitCode === 0 ? 0 : 2;
    case 'commander.unknownOption':
      throw command === undefined
        ? optionBeforeCommand(quoted, typed, program)
        : unknownOption(quoted, command, typed);
    case 'commander.unknownCommand':
      throw unknownCommand(quoted, typed, program);
    case 'commander.optionMissingArgument': {
      const option = command?.options.find(({ flags }) => flags === quoted);
      throw usageError(
        `${option?.long ?? quoted}: its value is missing`,
        option ? usageOf(option) : helpHint(command),
      );
    }
    case 'commander.missingArgument':
      throw usageError(`${command?.name() ?? 'the command'}: its <${quoted}> is missing`, helpHint(command));
    case 'commander.excessArguments':
      throw usageError(`${command?.name() ?? 'the command'}: too many arguments`, helpHint(command));
    default:
      throw usageError(error.message.replace(/^error: /, ''), helpHint(command));
  }
}

/** `write --workers-per-gpu <number>: number of workers that share each GPU (default: 1)` */
export const usageOf = ({ long, flags, description }: Option): string =>
  `write ${[long, /<.*>/.exec(flags)?.[0]].filter(Boolean).join(' ')}: ${description}`;

const helpHint = (command: Command | undefined): string =>
  `see mgpu-translate ${command === undefined ? '' : `${command.name()} `}--help`;

/** The command line with other words, for a hint; `otherwise` where it is too long to be read. */
function typedAs(own: readonly string[], typed: Typed, otherwise: string): string {
  const line = shellQuote(['mgpu-translate', ...own, ...typed.argv.slice(typed.own.length)]);
  return line.length > LONGEST_TYPED ? otherwise : line;
}

function unknownOption(given: string, command: Command, typed: Typed): Refusal {
  const [flag = given] = given.split('=');
  const flags = command.options.flatMap(({ long }) => long ?? []);
  const message = `${shown(flag)}: no such option of ${command.name()}`;
  const theirs = flags.includes('--translator') ? 'options of the translator go after --' : undefined;
  const instead = insteadOf(flag) ?? slip(flag, flags);
  const [meant] = instead?.words ?? [];
  if (instead && (meant === undefined ? theirs !== undefined : flags.includes(meant))) {
    const didYouMean = meant === undefined ? '' : `; did you mean ${instead.words.join(' ')}?`;
    const why = instead.command === command.name() ? `${instead.command} does that anyway` : instead.why;
    const fixed = typedAs(withInstead(given, instead, typed.own), typed, helpHint(command));
    return usageError(
      `${message}${didYouMean}`,
      `${why === undefined ? '' : `${why}: `}${fixed}${theirs === undefined ? '' : ` (${theirs})`}`,
    );
  }
  if (theirs === undefined) return usageError(message, helpHint(command));
  // What follows is its value, unless it looks like an input.
  const next = typed.argv[typed.argv.indexOf(given) + 1];
  const value = next === undefined || given.includes('=') || /^-|[/.*]/.test(next) ? '' : ` ${shown(next)}`;
  return usageError(
    message,
    `${theirs}: mgpu-translate ${command.name()} ./input -- ${shown(given)}${value}`,
  );
}

function slip(flag: string, flags: readonly string[]): Instead | undefined {
  const meant = slipOf(flag, flags);
  return meant === undefined ? undefined : { words: [meant] };
}

/** The words of a command line with others in the place of an option. */
function withInstead(given: string, { words, command }: Instead, own: readonly string[]): string[] {
  const at = own.indexOf(given);
  const value = given.includes('=') ? [given.slice(given.indexOf('=') + 1)] : [];
  const [name = '', ...rest] = own.toSpliced(at, 1, ...words, ...value);
  return [command ?? name, ...rest];
}

function optionBeforeCommand(given: string, { own }: Typed, program: Command): Refusal {
  const names = program.commands.map((one) => one.name());
  const after = own.find((one) => names.includes(one));
  return usageError(
    `${shown(given)}: options go after a command`,
    `for example: mgpu-translate ${after ?? 'run'} ${own
      .filter((one) => one !== after)
      .map(shown)
      .join(' ')}`,
  );
}

function unknownCommand(given: string, typed: Typed, program: Command): Refusal {
  const names = program.commands.map((one) => one.name());
  const rest = typed.own.toSpliced(typed.own.indexOf(given), 1);
  const message = `${shown(given)}: no such command`;
  const other = otherCommand(given);
  if (other && names.includes(other.command)) {
    const why = other.why === undefined ? '' : `${other.why}: `;
    return usageError(message, `${why}${typedAs([other.command, ...rest], typed, helpHint(undefined))}`);
  }
  // `translate ./input` says what it wants, and is no input itself.
  const isVerb = /^(?:translate|start|process|convert|execute|exec|go|do|batch|manga)$/i.test(given);
  const meant = isVerb || /[./]/.test(given) ? undefined : nearest(given, names);
  if (meant !== undefined)
    return usageError(
      `${message}; did you mean ${meant}?`,
      typedAs([meant, ...rest], typed, helpHint(undefined)),
    );
  if (given.endsWith('.py')) {
    const inputs = rest.length > 0 ? rest : ['./input'];
    const line = typedAs(['run', ...inputs, '-t', given], typed, helpHint(undefined));
    return usageError(message, `to translate with this script: ${line}`);
  }
  const inputs = isVerb ? rest : typed.own;
  const line = typedAs(
    ['run', ...(inputs.length > 0 ? inputs : ['./input'])],
    typed,
    'mgpu-translate run ./input',
  );
  return usageError(`${message} (${names.join(', ')})`, `to translate it: ${line}`);
}
