/**
 * Turns on Node's compile cache, which spares it compiling this program at each start, where its folder is certainly this user's own: whoever can
 * write there runs code as this user. Node's own default is a folder that all users of a machine share. Never throws; without
 * a safe folder there is no cache. No syntax newer than modules themselves: an old Node has to be able to read it.
 */
export function enableOwnCompileCache(process) {
  const { getBuiltinModule, env, getuid } = process;
  if (!getBuiltinModule || !getuid) return;
  const { enableCompileCache } = getBuiltinModule('node:module');
  // With a folder of the user's choice it is on already.
  if (!enableCompileCache || env.NODE_COMPILE_CACHE || env.NODE_DISABLE_COMPILE_CACHE) return;
  try {
    const folder = ownFolder(getBuiltinModule('node:fs'), getBuiltinModule('node:path'), env, getuid());
    if (folder) enableCompileCache(folder);
  } catch {
    // A home that is read-only, full or not there: it starts all the same.
  }
}

function ownFolder(fs, path, { XDG_CACHE_HOME = '', HOME = '' }, uid) {
  const isSet = path.isAbsolute(XDG_CACHE_HOME);
  if (!isSet && !path.isAbsolute(HOME)) return undefined;
  const base = isSet ? XDG_CACHE_HOME : path.join(HOME, '.cache');
  make(fs, base);
  // The user may have linked it to another disk.
  const caches = fs.realpathSync(base);
  // Whoever may rename one of these folders can put another one in its place.
  for (let at = caches; ; at = path.dirname(at)) {
    const { uid: owner, mode } = fs.lstatSync(at);
    const isOthers = owner !== uid && owner !== 0;
    if (isOthers || ((mode & OTHERS_WRITE) !== 0 && (mode & STICKY) === 0)) return undefined;
    if (at === path.dirname(at)) break;
  }
  const ours = path.join(caches, 'mgpu-translate');
  const folder = path.join(ours, 'compile-cache');
  return isOwn(fs, ours, uid) && isOwn(fs, folder, uid) ? folder : undefined;
}

const OTHERS_WRITE = 0o022;
const STICKY = 0o1000;

/** Made where it isn't there. A real folder, no link; nobody else may have written there. */
function isOwn(fs, folder, uid) {
  make(fs, folder);
  const found = fs.lstatSync(folder);
  return found.isDirectory() && found.uid === uid && (found.mode & OTHERS_WRITE) === 0;
}

/** Only the last folder of the path is made: a home that isn't there is none of ours to make. */
function make(fs, folder) {
  try {
    fs.mkdirSync(folder, 0o700);
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  }
}
