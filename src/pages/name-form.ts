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
  const { root } = path.parse(absolute);
  let found = root;
  // From the top: where a folder is missing, none of what may be thousands of names below it is looked for.
  for (const name of absolute.slice(root.length).split(path.sep)) {
    const at = await nameInFolder(found, name);
    if (at === undefined) return undefined;
    found = path.join(found, at);
  }
  return found;
}

async function nameInFolder(folder: string, name: string): Promise<string | undefined> {
  const isThere = await lstat(path.join(folder, name)).then(
    () => true,
    () => false,
  );
  if (isThere) return name;
  return otherFormOf(name, await readdir(folder).catch((): string[] => []));
}
