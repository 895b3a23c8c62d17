import path from 'node:path';
import { isSecretName } from '../model/secret-names.ts';
import { openRegular, readBounded } from '../pages/open-regular.ts';

/** No `.env` comes near it. */
const LONGEST_FILE_BYTES = 256 * 1024;
const LINE = /^\s*(?:export\s+)?([\w.-]+)\s*[=:]\s*(.*)$/;
/** Quotes, and what follows them. */
const QUOTED = /^(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|`([^`]*)`)(.*)$/;

/** The values with secret names in a file of variables, as python-dotenv reads it: `export`, quotes, comments. Pure. */
export function secretsInDotenv(text: string): string[] {
  return text.split(/\r?\n/).flatMap((line) => {
    const [, name = '', given = ''] = LINE.exec(line) ?? [];
    if (!isSecretName(name)) return [];
    const value = valueIn(given);
    return value === '' ? [] : [value];
  });
}

/** Quotes around the whole value, or a value that ends where a comment begins. */
function valueIn(given: string): string {
  const [, double, single, back, behind = ''] = QUOTED.exec(given) ?? [];
  const quoted = double?.replace(/\\(.)/g, '$1') ?? single ?? back;
  if (quoted !== undefined && (behind.trim() === '' || /^\s+#/.test(behind))) return quoted;
  const comment = given.search(/\s#/);
  return (comment === -1 ? given : given.slice(0, comment)).trimEnd();
}

/**
 * The secrets in the `.env` of these folders and of those above them, where python-dotenv looks, too: translators take their
 * keys from there. What is no regular file, too large or somebody else's in a folder above is passed over.
 */
export async function dotenvSecrets(folders: readonly string[]): Promise<string[]> {
  const above = new Set<string>();
  for (const folder of folders) {
    for (let at = path.dirname(folder); !above.has(at); at = path.dirname(at)) above.add(at);
  }
  const own = new Set(folders);
  const texts = await Promise.all([
    ...[...own].map((folder) => readDotenv(folder, () => true)),
    ...[...above].filter((folder) => !own.has(folder)).map((folder) => readDotenv(folder, isOurs)),
  ]);
  return texts.flatMap(secretsInDotenv);
}

const isOurs = (owner: number): boolean => owner === 0 || owner === process.getuid?.();

async function readDotenv(folder: string, isTrusted: (owner: number) => boolean): Promise<string> {
  const file = await openRegular(path.join(folder, '.env'), { followLinks: true }).catch(() => undefined);
  if (!file) return '';
  try {
    if (!isTrusted((await file.stat()).uid)) return '';
    return (await readBounded(file, LONGEST_FILE_BYTES)).replace(/^\uFEFF/, '');
  } catch {
    return '';
  } finally {
    await file.close();
  }
}
