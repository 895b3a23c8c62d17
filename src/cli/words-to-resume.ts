/** What of a run bears on the command that resumes it. */
interface EndOfRun {
  /** All pages were made again, and need not be once more. */
  readonly isOverwritten: boolean;
  /** Options that have to be given, with their values. */
  readonly options: Readonly<Record<string, string>>;
}

/** The words of the command line that resumes a run, from its own. Pure. */
export function wordsToResume(
  argv: readonly string[],
  { isOverwritten, options }: EndOfRun,
): readonly string[] {
  const said = isBareEnd(argv) ? ownWords(argv) : argv;
  const again = isOverwritten ? without('--overwrite', said) : said;
  return Object.entries(options).reduce((words, [option, value]) => withOption(option, value, words), again);
}

/** True where nothing follows `--`, as in scripts that have a variable there. */
const isBareEnd = (argv: readonly string[]): boolean => argv.indexOf('--') === argv.length - 1;

/** Words of a command line with this value for an option, whatever it had before. */
function withOption(option: string, value: string, argv: readonly string[]): string[] {
  const others = without(option, argv);
  const own = ownWords(others);
  return [...own, option, value, ...others.slice(own.length)];
}

/** Words of a command line without an option that has a value; what is the translator's stays as it is. */
function without(option: string, argv: readonly string[]): string[] {
  const own = ownWords(argv);
  const isKept = (word: string, at: number): boolean =>
    word !== option && !word.startsWith(`${option}=`) && own[at - 1] !== option;
  return [...own.filter(isKept), ...argv.slice(own.length)];
}

function ownWords(argv: readonly string[]): readonly string[] {
  const end = argv.indexOf('--');
  return end === -1 ? argv : argv.slice(0, end);
}
