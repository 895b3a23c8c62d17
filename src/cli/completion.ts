import { singleQuoted } from '../model/shell-quote.ts';
import { choicesOf, flagOf, type OptionSpec } from '../options/option-spec.ts';
import { COMMANDS, type CommandSpec, type Shell } from './commands.ts';

/** What a shell has to know of a flag. */
interface Flag {
  readonly long: string;
  readonly short?: string | undefined;
  readonly about: string;
  readonly takesValue: boolean;
  readonly choices: readonly string[];
}

interface Completed {
  readonly name: string;
  readonly about: string;
  readonly flags: readonly Flag[];
  /** What may stand without a flag; empty: files. */
  readonly choices: readonly string[];
}

/** A completion script, to be sourced or installed, made from the tables of commands and options. */
export function completionScript(shell: Shell, offered: readonly string[] = Object.keys(COMMANDS)): string {
  const commands = Object.entries<CommandSpec>(COMMANDS)
    .filter(([name]) => offered.includes(name))
    .map(([name, spec]) => completed(name, spec));
  return { bash: bashScript, zsh: zshScript, fish: fishScript }[shell](commands);
}

const completed = (name: string, { about, argument, options }: CommandSpec): Completed => ({
  name,
  about,
  flags: Object.entries<OptionSpec>(options).flatMap(([key, spec]) => {
    const long = flagOf(key, spec);
    const takesValue = spec.value !== undefined;
    return long === undefined
      ? []
      : [
          {
            long,
            short: spec.short,
            about: spec.about,
            takesValue,
            choices: takesValue ? choicesOf(spec) : [],
          },
        ];
  }),
  choices: argument?.choices ?? [],
});

const namesOf = (flag: Flag): string[] => [flag.long, ...(flag.short === undefined ? [] : [flag.short])];

function bashScript(commands: readonly Completed[]): string {
  const cases = commands.map(({ name, flags, choices }) => {
    const valued = flags.filter(({ takesValue }) => takesValue);
    const values = valued
      .filter((flag) => flag.choices.length > 0)
      .map(
        (flag) => `        ${namesOf(flag).join('|')}) _mgpu_words '${flag.choices.join(' ')}'; return ;;`,
      );
    const files = valued.filter((flag) => flag.choices.length === 0).flatMap(namesOf);
    const all = flags.map(({ long }) => long).join(' ');
    return [
      `    ${name})`,
      '      case "$prev" in',
      ...values,
      ...(files.length > 0 ? [`        ${files.join('|')}) return ;;`] : []),
      '        *) ;;',
      '      esac',
      `      if [[ $cur == -* ]]; then _mgpu_words '${all} --help'; return; fi`,
      ...(choices.length > 0 ? [`      _mgpu_words '${choices.join(' ')}'`] : []),
      '      ;;',
    ].join('\n');
  });
  return `# bash completion of mgpu-translate; what it does not know is completed as a file
_mgpu_words() {
  COMPREPLY=($(compgen -W "$1" -- "$cur"))
}
_mgpu_translate() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} i
  COMPREPLY=()
  # bash makes --flag=value three words
  if [[ $cur == = ]]; then cur=; elif [[ $prev == = ]]; then prev=\${COMP_WORDS[COMP_CWORD-2]}; fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    [[ \${COMP_WORDS[i]} == -- ]] && return
  done
  if ((COMP_CWORD == 1)); then
    _mgpu_words '${commands.map(({ name }) => name).join(' ')} help --help --version'
    return
  fi
  case "\${COMP_WORDS[1]}" in
${cases.join('\n')}
    *) ;;
  esac
}
complete -o default -F _mgpu_translate mgpu-translate
`;
}

function zshScript(commands: readonly Completed[]): string {
  const described = (text: string) => text.replace(/[[\]\\:]/g, '\\$&');
  const spec = (flag: Flag, name: string): string => {
    const value = !flag.takesValue
      ? ''
      : `:${flag.long.slice(2)}:${flag.choices.length > 0 ? `(${flag.choices.join(' ')})` : '_files'}`;
    return `        ${singleQuoted(`*${name}[${described(flag.about)}]${value}`)} \\`;
  };
  const cases = commands.map(({ name, flags, choices }) =>
    [
      `    ${name})`,
      '      _arguments -s -S \\',
      ...flags.flatMap((flag) => namesOf(flag).map((one) => spec(flag, one))),
      `        ${singleQuoted(`*:argument:${choices.length > 0 ? `(${choices.join(' ')})` : '_files'}`)}`,
      '      ;;',
    ].join('\n'),
  );
  return `#compdef mgpu-translate
_mgpu_translate() {
  local -a commands
  commands=(
${commands.map(({ name, about }) => `    ${singleQuoted(`${name}:${about.replaceAll(':', '\\:')}`)}`).join('\n')}
  )
  if ((CURRENT == 2)); then
    _describe command commands
    return
  fi
  shift words
  ((CURRENT--))
  case "$words[1]" in
${cases.join('\n')}
  esac
}
if [[ $funcstack[1] == _mgpu-translate ]]; then
  _mgpu_translate "$@"
else
  compdef _mgpu_translate mgpu-translate
fi
`;
}

function fishScript(commands: readonly Completed[]): string {
  const quoted = (text: string) => `'${text.replace(/[\\']/g, '\\$&')}'`;
  const lines = commands.flatMap(({ name, about, flags, choices }) => {
    const here = `-n '__fish_seen_subcommand_from ${name}'`;
    return [
      `complete -c mgpu-translate -f -n __fish_use_subcommand -a ${name} -d ${quoted(about)}`,
      ...(choices.length > 0
        ? [`complete -c mgpu-translate -f ${here} -a ${quoted(choices.join(' '))}`]
        : []),
      ...flags.map((flag) => {
        const short = flag.short === undefined ? '' : ` -s ${flag.short.slice(1)}`;
        const value = flag.takesValue ? ' -r' : '';
        const values = flag.choices.length > 0 ? ` -f -a ${quoted(flag.choices.join(' '))}` : '';
        return `complete -c mgpu-translate ${here}${short} -l ${flag.long.slice(2)}${value}${values} -d ${quoted(flag.about)}`;
      }),
    ];
  });
  return `# fish completion of mgpu-translate\n${lines.join('\n')}\n`;
}
