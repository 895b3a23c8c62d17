import { compileCacheFolder } from './compile-cache.js';

/**
 * Runs a program (a CommonJS file), and spares its compilation where an earlier start has kept the result. Node 22 and later
 * keep it themselves, once told where; for Node 20 it is kept here, and the program has no `import()` there. Throws what the program throws, and where there is no such
 * file. No syntax newer than modules themselves: an old Node has to be able to read it.
 */
export function loadProgram(process, file) {
  const { createRequire, enableCompileCache } = process.getBuiltinModule('node:module');
  const require = createRequire(file);
  const folder = compileCacheFolder(process);
  if (folder && !enableCompileCache) return runCompiled(process, { file, require, folder });
  // With a folder of the user's choice it is on already.
  if (folder && !process.env.NODE_COMPILE_CACHE) enableCompileCache(folder);
  return require(file);
}

function runCompiled(process, { file, require, folder }) {
  const { readFileSync } = process.getBuiltinModule('node:fs');
  const { dirname, join } = process.getBuiltinModule('node:path');
  const { Script } = process.getBuiltinModule('node:vm');
  const { createHash } = process.getBuiltinModule('node:crypto');
  const source = readFileSync(file);
  // V8 compares the source's length alone, and believes what it is given.
  const sealOf = (code) => createHash('sha256').update(source).update(code).digest();
  const { version, arch } = process;
  const name = createHash('sha256').update([file, version, arch].join('\0')).digest('hex').slice(0, 16);
  const kept = { fs: process.getBuiltinModule('node:fs'), path: join(folder, `${name}.code`), sealOf };
  const cachedData = read(kept);
  const script = new Script(`(function(exports,require,module,__filename,__dirname){${source}\n})`, {
    filename: file,
    cachedData,
  });
  // At the end: the functions that were called are compiled then.
  if (!cachedData || script.cachedDataRejected)
    process.once('exit', () => write(kept, script.createCachedData(), folder));
  const module = { exports: {} };
  script.runInThisContext()(module.exports, require, module, file, dirname(file));
  return module.exports;
}

/** What was kept of this very source; undefined where there is nothing, or not all of it. */
function read({ fs, path, sealOf }) {
  try {
    const bytes = fs.readFileSync(path);
    const code = bytes.subarray(SEAL_BYTES);
    return bytes.subarray(0, SEAL_BYTES).equals(sealOf(code)) ? code : undefined;
  } catch {
    return undefined;
  }
}

const SEAL_BYTES = 32;

/** Under another name first: another process may be reading it. A folder that is full or gone costs the next start its gain. */
function write({ fs, path, sealOf }, code, folder) {
  const written = `${path}.${process.pid}.tmp`;
  try {
    fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
    try {
      fs.writeFileSync(written, Buffer.concat([sealOf(code), code]), { mode: 0o600 });
      fs.renameSync(written, path);
    } finally {
      fs.rmSync(written, { force: true });
    }
  } catch {
    // It starts all the same.
  }
}
