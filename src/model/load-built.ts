import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

/**
 * Loads a part of the program that is built as a file of its own (CommonJS), or its source where nothing was built. The built
 * program is no module and has no `import()` on Node 20 (bin/load-program.js). Rejects with what loading throws.
 */
export async function loadBuilt<T>(built: URL, source: URL): Promise<T> {
  return existsSync(built) ? createRequire(built)(fileURLToPath(built)) : import(source.href);
}
