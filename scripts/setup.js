// Installs and builds what is missing or out of date, and says nothing where nothing is. Needs Node and npm alone.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isBuilt, isInstalled } from './freshness.js';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const LOCK = join(ROOT, '.mgpu', 'setup.lock');
const LONGEST_SETUP_MS = 15 * 60_000;

if (!isInstalled(ROOT) || !isBuilt(ROOT)) await alone(setUp);

function setUp() {
  // Another process may have done it while this one waited.
  if (!isInstalled(ROOT)) run('npm', ['ci', '--include=dev', '--no-audit', '--no-fund']);
  if (!isBuilt(ROOT)) run(process.execPath, [join(ROOT, 'scripts', 'build.js')]);
}

/** @param {string} file @param {string[]} args */
function run(file, args) {
  const { status, signal, error } = spawnSync(file, args, { cwd: ROOT, stdio: ['ignore', 2, 2] });
  if (status === 0) return;
  const words = [file, ...args].join(' ');
  process.stderr.write(
    `${words}: ${error ? error.message : signal ? `ended by ${signal}` : `exit ${status}`}\n`,
  );
  rmSync(LOCK, { force: true });
  process.exit(1);
}

/** Two at once would take each other's node_modules away: the second waits for the first. @param {() => void} work */
async function alone(work) {
  mkdirSync(dirname(LOCK), { recursive: true });
  while (!taken()) {
    if (abandoned()) rmSync(LOCK, { force: true });
    else await new Promise((resolve) => setTimeout(resolve, 200));
  }
  process.once('SIGINT', () => process.exit(130)).once('SIGTERM', () => process.exit(143));
  process.once('exit', () => rmSync(LOCK, { force: true }));
  work();
}

function taken() {
  try {
    writeFileSync(LOCK, JSON.stringify({ host: hostname(), pid: process.pid }), { flag: 'wx' });
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

function abandoned() {
  try {
    if (Date.now() - statSync(LOCK).mtimeMs > LONGEST_SETUP_MS) return true;
    const { host, pid } = JSON.parse(readFileSync(LOCK, 'utf8'));
    if (host !== hostname()) return false;
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return codeOf(error) === 'ESRCH';
  }
}

/** @param {unknown} error */
function codeOf(error) {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
