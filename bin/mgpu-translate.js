#!/usr/bin/env node
import { enableOwnCompileCache } from './compile-cache.js';

// No syntax newer than modules themselves, so that an old Node can say that it is too old.
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(`mgpu-translate needs Node 20.19 or later; this is ${process.versions.node}\n`);
  process.exit(3);
}

enableOwnCompileCache(process);

import('../dist/cli.js').catch((error) => {
  const notBuilt =
    error.code === 'ERR_MODULE_NOT_FOUND' && /dist[\\/]cli\.js/.test(error.url || error.message);
  const why = process.env.MGPU_DEBUG === '1' ? error.stack : error.message;
  const hint = /E[MN]FILE/.test(error.code)
    ? '\nhint: ulimit -n is too low to start: ulimit -n 4096 raises it'
    : '';
  process.stderr.write(
    notBuilt
      ? 'mgpu-translate is not built: run "npm ci && npm run build" in its folder first\n'
      : `error: mgpu-translate can't be loaded: ${why}${hint}\n`,
  );
  process.exitCode = 3;
});
