/**
 * The folder for what was compiled of this program at an earlier start, where it is certainly this user's own: whoever can
 * write there runs code as this user. Node's own default is a folder that all users of a machine share. One that the user has
 * chosen (NODE_COMPILE_CACHE) is taken as it is. Never throws; undefined: without a safe folder nothing is kept. No syntax newer
 * than modules themselves: an old Node has to be able to read it.
 */
export function compileCacheFolder({ getBuiltinModule, env, getuid }) {
  if (!getBuiltinModule || !getuid || env.NODE_DISABLE_COMPILE_CACHE) return undefined;
  if (env.NODE_COMPILE_CACHE) return env.NODE_COMPILE_CACHE;
  try {
    return ownFolder(getBuiltinModule('node:fs'), getBuiltinModule('node:path'), env, getuid());
  } catch {
    // A home that is read-only, full or not there: it starts all the same.
    return undefined;
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
