import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { tooManyOpenFiles } from '../open-files.ts';
import { type Refusal, usageError } from '../refusal.ts';
import { shown } from './bad-value.ts';

/** A config file as it was read: not checked yet beyond being one table of keys. */
export interface ConfigFile {
  /** As it is named to the user: as given, absolute where it was found. */
  readonly file: string;
  /** Its folder, absolute: paths in the file start there. */
  readonly folder: string;
  readonly values: Readonly<Record<string, unknown>>;
}

export const CONFIG_NAMES = ['mgpu-translate.config.json', 'mgpu-translate.config.yaml'] as const;

/**
 * The config file named by the user, else the nearest one from `cwd` upwards, else undefined.
 * @throws Refusal (2) where a named file can't be read, a folder has both kinds, or the content is no table of keys.
 */
export const readConfigFile = async ({
  cwd,
  named,
}: {
  readonly cwd: string;
  readonly named?: string | undefined;
}): Promise<ConfigFile | undefined> => {
  if (named !== undefined) return readNamed(cwd, named);
  for (let folder = path.resolve(cwd); ; folder = path.dirname(folder)) {
    const found = await readIn(folder);
    if (found !== undefined || folder === path.dirname(folder)) return found;
  }
};

const readNamed = async (cwd: string, named: string): Promise<ConfigFile> => {
  const file = path.resolve(cwd, named);
  if (!/\.(json|ya?ml)$/i.test(file))
    throw usageError(`--config ${shown(named)}: a config file's name ends in .json or .yaml`);
  const content = await readFile(file, 'utf8').catch((error: unknown) => {
    throw unreadable(`--config ${shown(named)}`, error);
  });
  return { file: named, folder: path.dirname(file), values: await parse(named, content) };
};

const readIn = async (folder: string): Promise<ConfigFile | undefined> => {
  const read = await Promise.all(CONFIG_NAMES.map((name) => readIfThere(path.join(folder, name))));
  const found = read.filter((one) => one !== undefined);
  if (found.length > 1)
    throw usageError(
      `${folder} has both ${CONFIG_NAMES.join(' and ')}`,
      'Remove one, or name one with --config.',
    );
  const [one] = found;
  return one && { file: one.file, folder, values: await parse(one.file, one.content) };
};

const readIfThere = async (file: string): Promise<{ file: string; content: string } | undefined> => {
  try {
    return { file, content: await readFile(file, 'utf8') };
  } catch (error) {
    const code = codeOf(error);
    // A folder further up that may not be looked into is nobody's mistake.
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EACCES') return undefined;
    throw unreadable(file, error);
  }
};

const parse = async (file: string, content: string): Promise<Readonly<Record<string, unknown>>> => {
  const bare = content.replace(/^\uFEFF/, '');
  const value = file.toLowerCase().endsWith('.json') ? parseJson(file, bare) : await parseYaml(file, bare);
  if (value === null && bare.trim() !== 'null') return {};
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw usageError(`${file}: holds ${shown(value)}; it has to hold options by name: { "gpus": "0,1" }`);
  return value as Record<string, unknown>;
};

const parseJson = (file: string, content: string): unknown => {
  if (content.trim() === '') return null;
  try {
    return JSON.parse(content);
  } catch (error) {
    throw usageError(`${file}: is no valid JSON: ${firstLine(error)}`);
  }
};

const parseYaml = async (file: string, content: string): Promise<unknown> => {
  const { parse: parseText } = await import('yaml');
  try {
    return parseText(content);
  } catch (error) {
    throw usageError(`${file}: is no valid YAML: ${firstLine(error)}`);
  }
};

const unreadable = (what: string, error: unknown): Refusal => {
  const noMoreFiles = tooManyOpenFiles(error);
  if (noMoreFiles) return noMoreFiles;
  const code = codeOf(error);
  const words: Record<string, string> = {
    ENOENT: 'no such file',
    EISDIR: 'is a folder, not a file',
    EACCES: 'may not be read',
  };
  return usageError(`${what}: ${words[code] ?? firstLine(error)}`);
};

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : '';

const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n')[0]?.replace(/:$/, '') ?? '';
