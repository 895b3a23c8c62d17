import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { readRegular } from '../pages/open-regular.ts';

/** A file by its name beside the worker, `helpers/text.py`, and its absolute path. */
type NamedFile = readonly [name: string, file: string];

/** What a worker imports from the folders beside it. */
export interface ImportedPackages {
  readonly files: readonly NamedFile[];
  /** Names of those that have more files, or bytes, than there is room for. */
  readonly tooLarge: readonly string[];
}

const MOST_FILES = 1000;
const NAME = /^[\p{L}_][\p{L}\p{N}_]*/u;
const WHOLE_NAME = new RegExp(`${NAME.source}$`, 'u');

/**
 * The `.py` files of the packages in a folder that these Python files there import, and that those import in turn; no other files, as
 * a folder may hold anything. Names that are only put together at run time are not found. Never rejects.
 * @param mostBytes the most that they and the files may have in all; a package that does not fit is left out whole
 */
export async function importedPackages(
  folder: string,
  files: readonly NamedFile[],
  mostBytes: number,
): Promise<ImportedPackages> {
  const found: NamedFile[] = [];
  const tooLarge: string[] = [];
  const seen = new Set<string>();
  const toRead = files.map(([, file]) => file);
  let left = mostBytes - (await bytesOf(files));
  if (left < 0) return { files: [], tooLarge: [] };
  for (let file = toRead.shift(); file !== undefined; file = toRead.shift()) {
    for (const name of importedIn(await textOf(file, mostBytes))) {
      if (seen.has(name)) continue;
      seen.add(name);
      const within = await pythonFilesIn(folder, name);
      const bytes = within === undefined ? 0 : await bytesOf(within);
      if (within === undefined || bytes > left || found.length + within.length > MOST_FILES) {
        tooLarge.push(name);
        continue;
      }
      left -= bytes;
      found.push(...within);
      toRead.push(...within.map(([, one]) => one));
    }
  }
  return { files: found, tooLarge };
}

/** `a` and `c` of `import a.b, c`, `a` of `from a.b import c`. */
function importedIn(text: string): string[] {
  const lines = text.matchAll(/^[ \t]*(?:from[ \t]+(\S+)[ \t]+import\b|import[ \t]+([^\n;#]+))/gm);
  return [...lines].flatMap(([, from = '', names = '']) =>
    (from || names).split(',').flatMap((one) => NAME.exec(one.trim())?.[0] ?? []),
  );
}

/**
 * Those in a folder and in the folders in it whose names Python could import, links to files among them; none where there is no such
 * folder, undefined where there are too many to look at.
 */
async function pythonFilesIn(root: string, name: string): Promise<readonly NamedFile[] | undefined> {
  const found: NamedFile[] = [];
  const folders = [name];
  // It grows while it is gone through.
  for (const one of folders) {
    const entries = await readdir(path.join(root, one), { withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      const within = `${one}/${entry.name}`;
      if (entry.isDirectory() && WHOLE_NAME.test(entry.name)) folders.push(within);
      if (entry.name.endsWith('.py') && (await isFile(path.join(root, within), entry)))
        found.push([within, path.join(root, within)]);
    }
    if (found.length > MOST_FILES || folders.length > MOST_FILES) return undefined;
  }
  return found;
}

const isFile = async (file: string, entry: Dirent): Promise<boolean> =>
  entry.isSymbolicLink() ? ((await stat(file).catch(() => undefined))?.isFile() ?? false) : entry.isFile();

async function bytesOf(files: readonly NamedFile[]): Promise<number> {
  const sizes = files.map(async ([, file]) => (await stat(file).catch(() => undefined))?.size ?? 0);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

const textOf = (file: string, maxBytes: number): Promise<string> =>
  readRegular(file, { maxBytes, followLinks: true }).catch(() => '');
