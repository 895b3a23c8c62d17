/** What one of the program's own options means to the launcher. */
export interface KnownOption {
  readonly name: string;
  readonly short?: string;
  /** It takes a word. */
  readonly value?: 'text' | 'number' | 'file' | 'quoted-file';
  /** The launcher has this in its own hands; what to use instead. */
  readonly refused?: string;
}

/** Options of its `local` mode. A file's name is taken as it is, a quoted file's is URL-decoded. */
const LOCAL_OPTIONS: readonly KnownOption[] = [
  { name: '--help', short: '-h', refused: 'ask the program itself: python -m manga_translator local --help' },
  {
    name: '--input',
    short: '-i',
    value: 'text',
    refused: 'give the pages before the `--`: mgpu-translate run INPUT',
  },
  {
    name: '--dest',
    short: '-o',
    value: 'text',
    refused: 'use --output FOLDER before the `--`',
  },
  { name: '--format', short: '-f', value: 'text' },
  {
    name: '--overwrite',
    refused: 'use --overwrite all (or changed) before the `--`',
  },
  { name: '--skip-no-text' },
  { name: '--use-mtpe', refused: 'it asks questions on the terminal, and a worker has none' },
  { name: '--save-text' },
  {
    name: '--load-text',
    refused: 'it reads the text of a single image; run the program itself for that image',
  },
  {
    name: '--save-text-file',
    value: 'text',
    refused:
      "workers would overwrite one another's text in one file; --save-text writes one file next to each output",
  },
  { name: '--prep-manual' },
  { name: '--save-quality', value: 'number' },
  { name: '--config-file', value: 'file' },
];

/** Options of every mode. They have to stand behind `local`, or the program forgets them. */
const GENERAL_OPTIONS: readonly KnownOption[] = [
  { name: '--verbose', short: '-v' },
  { name: '--attempts', value: 'number' },
  { name: '--ignore-errors' },
  { name: '--model-dir', value: 'quoted-file' },
  { name: '--use-gpu' },
  { name: '--use-gpu-limited' },
  { name: '--font-path', value: 'quoted-file' },
  { name: '--pre-dict', value: 'quoted-file' },
  { name: '--post-dict', value: 'quoted-file' },
  { name: '--kernel-size', value: 'number' },
  { name: '--context-size', value: 'number' },
  { name: '--batch-size', value: 'number' },
  { name: '--batch-concurrent' },
  { name: '--disable-memory-optimization' },
];

/** Its modes: the launcher always runs `local`. */
export const MODES: ReadonlySet<string> = new Set([
  'local',
  'ws',
  'shared',
  'web',
  'web_client',
  'demo',
  'batch',
  'api',
  'config-help',
]);

/** The option that a word stands for, abbreviated or not; several where it is ambiguous, none where it isn't known. */
export function optionsNamed(word: string): readonly KnownOption[] {
  if (!word.startsWith('--')) {
    const short = [...LOCAL_OPTIONS, ...GENERAL_OPTIONS].find((option) => option.short === word.slice(0, 2));
    return short ? [short] : [];
  }
  // The mode's own parser reads first, and what it doesn't know goes to the general one.
  for (const options of [LOCAL_OPTIONS, GENERAL_OPTIONS]) {
    const exact = options.find(({ name }) => name === word);
    if (exact) return [exact];
    const longer = word.length > 2 ? options.filter(({ name }) => name.startsWith(word)) : [];
    if (longer.length > 0 && !GENERAL_OPTIONS.some(({ name }) => name === word)) return longer;
  }
  return [];
}
