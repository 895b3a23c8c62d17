import { lstat, mkdir, realpath } from 'node:fs/promises';
import path from 'node:path';
import { errorCode } from '../../model/error-code.ts';

const OTHERS_WRITE = 0o022;
const STICKY = 0o1000;

/**
 * The folder of this program below `${XDG_CACHE_HOME:-~/.cache}`, where it is certainly this user's own; else undefined. With
 * `make` it is made where it is missing, but no home. Throws what the file system throws.
 */
export async function cacheFolder(
  { XDG_CACHE_HOME = '', HOME = '' }: Readonly<Record<string, string | undefined>>,
  { make }: { readonly make: boolean },
): Promise<string | undefined> {
  const uid = process.geteuid?.();
  const isSet = path.isAbsolute(XDG_CACHE_HOME);
  if (uid === undefined || (!isSet && !path.isAbsolute(HOME))) return undefined;
  const base = isSet ? XDG_CACHE_HOME : path.join(HOME, '.cache');
  if (make) await makePrivate(base);
  // The user may have linked it to another disk.
  const caches = await realpath(base);
  // Whoever may rename one of these folders can put another one in its place.
  for (let at = caches; ; at = path.dirname(at)) {
    const { uid: owner, mode } = await lstat(at);
    const isOthers = owner !== uid && owner !== 0;
    if (isOthers || ((mode & OTHERS_WRITE) !== 0 && (mode & STICKY) === 0)) return undefined;
    if (at === path.dirname(at)) break;
  }
  const folder = path.join(caches, 'mgpu-translate');
  if (make) await makePrivate(folder);
  const found = await lstat(folder);
  const isOwn = found.isDirectory() && found.uid === uid && (found.mode & OTHERS_WRITE) === 0;
  return isOwn ? folder : undefined;
}

async function makePrivate(folder: string): Promise<void> {
  await mkdir(folder, { mode: 0o700 }).catch((error: unknown) => {
    if (errorCode(error) !== 'EEXIST') throw error;
  });
}
