// Sample pages, two slots, the demo translator: what a run looks like, on any machine.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeSamplePages } from './sample-pages.js';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const PAGES = 'demo/pages';
const COMMAND = join(ROOT, 'bin', 'mgpu-translate.js');

const [page = ''] = makeSamplePages(join(ROOT, PAGES));
// Done anew each time: a demo that skips every page shows nothing.
const args = ['run', PAGES, '--translator', 'demo', ...twoSlots(), '--overwrite', 'all'];
console.error(`\n$ mgpu-translate ${args.join(' ')}\n`);
const child = spawn(process.execPath, [COMMAND, ...args], { cwd: ROOT, stdio: 'inherit' });
// The run ends in its own time, and this after it. A Ctrl-C that reaches both counts once there.
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']))
  process.on(signal, () => child.kill(signal));
const [status] = await once(child, 'close');
console.error(`
The pages as they were:  ${join(ROOT, PAGES, page)}
and what became of them: ${join(ROOT, `${PAGES}-translated`, page)}
Each is stamped with the GPU and the slot that had it.`);
process.exitCode = status ?? 1;

/** Two GPUs where there are two or nobody can list them; else two workers on what there is. */
function twoSlots() {
  const { gpus, auto } = listedGpus();
  if (gpus.length === 0) return ['--gpus', '0,1'];
  if (auto.length >= 2) return ['--gpus', auto.slice(0, 2).join(',')];
  return ['--gpus', auto.length === 1 ? String(auto[0]) : 'cpu', '--workers-per-gpu', '2'];
}

function listedGpus() {
  const { stdout } = spawnSync(process.execPath, [COMMAND, 'gpus', '--json'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  try {
    const { gpus, auto } = JSON.parse(stdout);
    return { gpus, auto };
  } catch {
    return { gpus: [], auto: [] };
  }
}
