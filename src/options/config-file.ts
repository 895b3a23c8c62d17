import path from 'node:path';
import { errorCode, errorMessage } from '../model/error-code.ts';
import { tooManyOpenFiles } from '../model/open-files.ts';
import { isNestedWithin, isRecord } from '../model/parsed-json.ts';
import { type Refusal, usageError } from '../model/refusal.ts';
import { shellQuote } from '../model/shell-quote.ts';
import { NotRegular, openRegular, readBounded, readRegular } from '../pages/open-regular.ts';
import { shown } from './bad-value.ts';
import { doubtOf } from './config-trust.ts';

/** A config file as it was read: not checked yet beyond being one table of keys. */
export interface ConfigFile {
  /** As it is named to the user: as given, absolute where it was found. */
  readonly file: string;
  /** Its folder, absolute: paths in the file start there. */
  readonly folder: string;
  readonly values: Readonly<Record<string, unknown>>;
}

const CONFIG_NAMES = ['mgpu-translate.config.json', 'mgpu-translate.config.yaml'] as const;

const LARGEST_BYTES = 1_000_000;
/** Values are texts, and lists of them. */
const DEEPEST = 16;
/** A YAML parser that takes milliseconds for kilobytes, and for some texts the square of that. */
const LARGEST_YAML_BYTES = 16_000;

/** Where a config file is looked for. */
interface ConfigSearch {
  readonly cwd: string;
  readonly named?: string | undefined;
  /** Told of each file that is passed over because somebody else may have written it, and of what is odd about one that is used. */
  readonly warn?: (notice: string) => void;
}

/**
 * The config file named by the user, else the nearest one from `cwd` upwards that can be trusted, else undefined.
 * @throws Refusal (2) where a named file can't be read, a folder has both kinds, or the content is no table of keys.
 */
export async function readConfigFile({
  cwd,
  named,
  warn = () => {},
}: ConfigSearch): Promise<ConfigFile | undefined> {
  if (named !== undefined) return readNamed(cwd, named);
  const here = path.resolve(cwd);
  for (let folder = here; ; folder = path.dirname(folder)) {
    const found = await readIn(folder, { isHere: folder === here, warn });
    if (found !== undefined || folder === path.dirname(folder)) return found;
  }
}

async function readNamed(cwd: string, named: string): Promise<ConfigFile> {
  const file = path.resolve(cwd, named);
  if (!/\.(json|ya?ml)$/i.test(file))
    throw usageError(`--config ${shown(named)}: the name of a config file ends in .json or .yaml`);
  const content = await readRegular(file, { maxBytes: LARGEST_BYTES, followLinks: true }).catch(
    (error: unknown) => {
      throw unreadable(`--config ${shown(named)}`, error);
    },
  );
  return { file: named, folder: path.dirname(file), values: await parse(named, content) };
}

interface Looking {
  readonly isHere: boolean;
  readonly warn: (notice: string) => void;
}

async function readIn(folder: string, looking: Looking): Promise<ConfigFile | undefined> {
  const read = await Promise.all(CONFIG_NAMES.map((name) => readIfSafe(path.join(folder, name), looking)));
  const found = read.filter((one) => one !== undefined);
  if (found.length > 1)
    throw usageError(
      `${folder} has both ${CONFIG_NAMES.join(' and ')}`,
      'remove one, or choose one with --config',
    );
  const [one] = found;
  return one && { file: one.file, folder, values: await parse(one.file, one.content) };
}

async function readIfSafe(
  file: string,
  { isHere, warn }: Looking,
): Promise<{ file: string; content: string } | undefined> {
  try {
    const opened = await openRegular(file, { followLinks: true });
    try {
      const doubt = await doubtOf(file, { found: await opened.stat(), isHere });
      if (doubt?.isTrusted === false) {
        warn(`Ignoring ${file}: ${doubt.why}. To use it anyway: --config ${shellQuote([file])}`);
        return undefined;
      }
      if (doubt !== undefined) warn(`Options are read from ${file}, but ${doubt.why}.`);
      return { file, content: await readBounded(opened, LARGEST_BYTES) };
    } finally {
      await opened.close();
    }
  } catch (error) {
    const code = errorCode(error);
    // A folder further up that may not be looked into is nobody's mistake.
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EACCES') return undefined;
    if (!(error instanceof NotRegular)) throw unreadable(file, error);
    warn(`Ignoring ${file}: ${error.message}.`);
    return undefined;
  }
}

async function parse(file: string, content: string): Promise<Readonly<Record<string, unknown>>> {
  const bare = content.replace(/^\uFEFF/, '');
  const value = file.toLowerCase().endsWith('.json') ? parseJson(file, bare) : await parseYaml(file, bare);
  if (value === null && bare.trim() !== 'null') return {};
  if (!isNestedWithin(value, DEEPEST))
    throw usageError(`${file}: lists and tables are nested more than ${DEEPEST} deep`);
  if (isRecord(value)) return value;
  throw usageError(`${file}: contains ${shown(value)}; it has to contain options by name: { "gpus": "0,1" }`);
}

function parseJson(file: string, content: string): unknown {
  if (content.trim() === '') return null;
  try {
    return JSON.parse(content);
  } catch (error) {
    throw usageError(`${file}: not valid JSON: ${firstLine(error)}`);
  }
}

async function parseYaml(file: string, content: string): Promise<unknown> {
  if (Buffer.byteLength(content) > LARGEST_YAML_BYTES)
    throw usageError(
      `${file}: larger than ${LARGEST_YAML_BYTES / 1000} kB`,
      'use a .json file instead, which may have up to 1 MB',
    );
  const { isMap, isScalar, parseDocument } = await import('yaml');
  try {
    // The parser's own look for keys that come twice compares each with each. Its warnings would go to stderr as Node's.
    const document = parseDocument(content, { uniqueKeys: false, logLevel: 'error' });
    const [error] = document.errors;
    if (error) throw error;
    const keys = isMap(document.contents) ? document.contents.items.map(({ key }) => key) : [];
    const twice = repeated(keys.map((key) => (isScalar(key) ? String(key.value) : undefined)));
    if (twice !== undefined) throw new Error(`${shown(twice)} appears twice`);
    return document.toJS();
  } catch (error) {
    throw usageError(`${file}: not valid YAML: ${firstLine(error)}`);
  }
}

function repeated(names: readonly (string | undefined)[]): string | undefined {
  const seen = new Set<string>();
  return names.find((name) => name !== undefined && (seen.has(name) || !seen.add(name)));
}

function unreadable(what: string, error: unknown): Refusal {
  if (error instanceof RangeError) return usageError(`${what}: larger than 1 MB`);
  const noMoreFiles = tooManyOpenFiles(error);
  if (noMoreFiles) return noMoreFiles;
  const words: Record<string, string> = { ENOENT: 'no such file', EACCES: 'permission denied' };
  return usageError(`${what}: ${words[errorCode(error) ?? ''] ?? firstLine(error)}`);
}

const firstLine = (error: unknown): string => errorMessage(error).split('\n')[0]?.replace(/:$/, '') ?? '';
