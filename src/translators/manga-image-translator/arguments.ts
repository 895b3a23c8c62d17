import path from 'node:path';
import { usageError } from '../../model/refusal.ts';
import { type KnownOption, MODES, optionsNamed } from './known-options.ts';
import { WRITABLE_SUFFIXES } from './output-names.ts';

/** Everything after `--`, read as the program would read it. */
export interface MangaArguments {
  /** To be passed on, names written out and files made absolute; without what the launcher decides itself. */
  readonly passed: readonly string[];
  /** Suffix that `--format` or `--save-quality` ask for. */
  readonly format?: string;
  /** Pages that go to the language model in one request. */
  readonly batchSize: number;
  readonly contextSize: number;
  readonly saveText: boolean;
  /** A page without text has no output. */
  readonly skipNoText: boolean;
  readonly ignoreErrors: boolean;
  /** `--use-gpu-limited`: all but the offline translator on the GPU. */
  readonly gpuLimited: boolean;
  /** Absolute. */
  readonly configFile?: string;
  /** Absolute. */
  readonly modelDir?: string;
}

interface Given {
  readonly option: KnownOption;
  readonly value: string | undefined;
}

/** Decided by the launcher: the slot says where it runs, each page's failure is told apart, suffixes are mapped. */
const NOT_PASSED: ReadonlySet<string> = new Set([
  '--use-gpu',
  '--use-gpu-limited',
  '--ignore-errors',
  '--format',
]);

/**
 * Reads the program's own options.
 * @param cwd what relative files are relative to: the program itself may run elsewhere
 * @throws Refusal (exit 2) for what the launcher has in its own hands, and what the program would refuse after ten seconds
 */
export function readMangaArguments(args: readonly string[], cwd: string): MangaArguments {
  const given = new Map<string, string | undefined>();
  const passed: string[] = [];
  for (let at = 0; at < args.length; ) {
    const word = args[at] ?? '';
    const read = readOption(args, at);
    at += read.words;
    if (!read.given) {
      passed.push(word);
      continue;
    }
    const { option } = read.given;
    const value = read.given.value === undefined ? undefined : located(option, read.given.value, cwd);
    given.set(option.name, value);
    if (!NOT_PASSED.has(option.name)) passed.push(option.name, ...(value === undefined ? [] : [value]));
  }
  const format = formatOf(given);
  const configFile = given.get('--config-file');
  const modelDir = given.get('--model-dir');
  return {
    passed,
    ...(format !== undefined && { format }),
    batchSize: Number(given.get('--batch-size') ?? 1),
    contextSize: Number(given.get('--context-size') ?? 0),
    saveText: given.has('--save-text'),
    skipNoText: given.has('--skip-no-text'),
    ignoreErrors: given.has('--ignore-errors'),
    gpuLimited: given.has('--use-gpu-limited'),
    ...(configFile !== undefined && { configFile }),
    ...(modelDir !== undefined && { modelDir: decoded(modelDir) }),
  };
}

/** Reads the option at a place: how many words it takes, and what it is where it is known. */
function readOption(args: readonly string[], at: number): { words: number; given?: Given } {
  const word = args[at] ?? '';
  if (!word.startsWith('-')) {
    if (at === 0 || MODES.has(word)) throw notAnOption(word);
    // The value of an option that only a fork knows, or nothing at all: the program decides.
    return { words: 1 };
  }
  const equals = word.startsWith('--') ? word.indexOf('=') : -1;
  const name = equals === -1 ? word : word.slice(0, equals);
  const named = optionsNamed(name);
  const [option] = named;
  if (!option) return { words: 1 };
  if (named.length > 1) {
    throw usageError(`${name} (after --): it could be ${named.map((one) => one.name).join(' or ')}`);
  }
  if (option.refused !== undefined) throw usageError(`${name} (after --): ${option.refused}`);
  if (option.value === undefined) return { words: 1, given: { option, value: undefined } };
  const attached = equals !== -1 ? word.slice(equals + 1) : word.startsWith('--') ? '' : word.slice(2);
  const isAttached = equals !== -1 || attached !== '';
  const value = isAttached ? attached : args[at + 1];
  if (value === undefined) throw usageError(`${name} (after --): its value is missing`);
  if (option.value === 'number' && !/^-?\d+$/.test(value))
    throw usageError(`${name} ${value} (after --): not a whole number`);
  return { words: isAttached ? 1 : 2, given: { option, value } };
}

function notAnOption(word: string): Error {
  if (word === 'local')
    return usageError('local (after --): leave it out: the launcher always runs this mode');
  if (MODES.has(word)) return usageError(`${word} (after --): the launcher only runs the mode local`);
  return usageError(
    `${word} (after --): not an option`,
    "pages go before the `--`, the translator's options after it",
  );
}

/** A file as the program has to be told of it when it runs in another folder. */
function located(option: KnownOption, value: string, cwd: string): string {
  if (value === '' || value.startsWith('~') || path.isAbsolute(value)) return value;
  if (option.value === 'file') return path.join(cwd, value);
  // It decodes the whole path: of that, the user wrote the end, and knows of it.
  if (option.value === 'quoted-file') return path.join(urlQuoted(cwd), value);
  return value;
}

/** A path that comes out unchanged where the program URL-decodes it: `50%20off` is no `50 off`. */
export const urlQuoted = (file: string): string => file.replaceAll('%', '%25');

function decoded(file: string): string {
  try {
    return decodeURIComponent(file);
  } catch {
    return file;
  }
}

function formatOf(given: ReadonlyMap<string, string | undefined>): string | undefined {
  const format = given.get('--format');
  const quality = Number(given.get('--save-quality') ?? 100);
  if (format !== undefined) checkFormat('--format (after --)', format);
  if (quality >= 100) return format;
  if (format !== undefined && format !== 'jpg') {
    throw usageError(
      `--save-quality ${quality} (after --): only .jpg has a quality, but --format is ${format}`,
    );
  }
  return 'jpg';
}

function checkFormat(option: string, format: string): void {
  if (WRITABLE_SUFFIXES.includes(format)) return;
  throw usageError(
    `${option} ${format}: manga-image-translator can't write it`,
    `it writes ${WRITABLE_SUFFIXES.join(', ')}`,
  );
}

/**
 * The suffix of all outputs (no dot): the launcher's `--format`, else what its own options ask for, else each page's own.
 * @throws Refusal (exit 2) where the two differ, or it can't be written
 */
export function mangaFormat(
  launchers: string | undefined,
  { format }: Pick<MangaArguments, 'format'>,
): string | undefined {
  if (launchers === undefined) return format;
  checkFormat('--format', launchers);
  if (format !== undefined && format !== launchers) {
    throw usageError(`--format ${launchers}: the translator's own options (after --) ask for ${format}`);
  }
  return launchers;
}
