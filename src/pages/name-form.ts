import { lstat, readdir } from 'node:fs/promises';
import path from 'node:path';

/**
 * A name in the one form in which names are compared: "é" is one character or two, as macOS and some cloud drives write it,
 * and a name may change its form on its way through a program. Only for comparing: files keep the names that they have.
 */
export const sameForm = (name: string): string => name.normalize('NFC');

/** The only one of `names` that differs from `name` by its form alone; undefined where there is none, or several. */
export function otherFormOf(name: string, names: readonly string[]): string | undefined {
  const form = sameForm(name);
  const [alike, second] = names.filter((other) => other !== name && sameForm(other) === form);
  return second === undefined ? alike : undefined;
}

/** The path of what stands at `absolute`, each of its names perhaps in another form; undefined where nothing does. */
export async function pathInOtherForm(absolute: string): Promise<string | undefined> {
  const isThere = await lstat(absolute).then(
    () => true,
    () => false,
  );
  if (isThere) return absolute;
  const parent = path.dirname(absolute);
  const folder = parent === absolute ? undefined : await pathInOtherForm(parent);
  if (folder === undefined) return undefined;
  const name = path.basename(absolute);
  const names = await readdir(folder).catch((): string[] => []);
  const found = names.includes(name) ? name : otherFormOf(name, names);
  return found === undefined ? undefined : path.join(folder, found);
}
