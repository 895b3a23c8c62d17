import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { slipOf } from '../model/nearest.ts';
import { RECIPES } from './recipes/recipes.ts';

const WORKER = 'worker:';
/** What `--translator` takes that is no path. */
const NAMES = ['demo', 'manga-image-translator', ...RECIPES.map(({ name }) => name)];
/** Names that take a folder, after a colon. */
const WITH_FOLDER = ['worker', ...RECIPES.map(({ name }) => name)];

/**
 * What a value of `--translator` that names nothing was most likely meant to be: a known name, or a Python file or a
 * manga-image-translator checkout in the folder that it names; undefined where none is near. Never rejects.
 */
export async function meantTranslator(given: string, cwd: string): Promise<string | undefined> {
  const isWorker = given.startsWith(WORKER);
  const wanted = isWorker ? given.slice(WORKER.length) : given;
  const colon = wanted.indexOf(':');
  if (!isWorker && colon > 0) {
    const name = slipOf(wanted.slice(0, colon), WITH_FOLDER);
    return name === undefined ? undefined : `${name}${wanted.slice(colon)}`;
  }
  const before = wanted.slice(0, wanted.lastIndexOf('/') + 1);
  const word = wanted.slice(before.length);
  const inFolder = await translatorsIn(path.resolve(cwd, before), isWorker);
  const meant = slipOf(word, before === '' && !isWorker ? [...inFolder, ...NAMES] : inFolder);
  return meant === undefined ? undefined : `${isWorker ? WORKER : ''}${before}${meant}`;
}

/** Names of Python files in a folder, and of checkouts unless `filesOnly`; none where it can't be read. */
async function translatorsIn(folder: string, filesOnly: boolean): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => entry.name.endsWith('.py') && !entry.isDirectory());
  const folders = filesOnly ? [] : entries.filter((entry) => entry.isDirectory());
  const checkouts = await Promise.all(
    folders.map(({ name }) => stat(path.join(folder, name, 'manga_translator')).catch(() => undefined)),
  );
  return [...files, ...folders.filter((_, at) => checkouts[at])].map(({ name }) => name);
}
