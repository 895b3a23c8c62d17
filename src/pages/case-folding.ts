import { lstat, readdir } from 'node:fs/promises';
import path from 'node:path';

/**
 * True where the file system of `folder` takes `a.png` and `A.png` for one file, told by what stands there (or in the
 * nearest folder above that has something to tell by). Writes nothing; false where nothing tells.
 */
export async function looksCaseFolding(folder: string): Promise<boolean> {
  for (let at = path.resolve(folder); ; at = path.dirname(at)) {
    const names = new Set(await readdir(at).catch((): string[] => []));
    for (const name of names) {
      const other = withOtherCase(name);
      if (other === name || names.has(other)) continue;
      const found = await lstat(path.join(at, other)).catch(() => undefined);
      return found !== undefined;
    }
    if (at === path.dirname(at)) return false;
  }
}

const withOtherCase = (name: string): string =>
  name === name.toUpperCase() ? name.toLowerCase() : name.toUpperCase();
