import { execFileSync } from 'node:child_process';
import { readdir, readFile, utimes } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { eventually } from './process.ts';
import { Place } from './rig.ts';

const PAGES = Array.from({ length: 20 }, (_, n) => `${n + 1}.png`);
const STATE = 'input-translated/.mgpu';
const ON_ANOTHER_HOST = ['unshare', '--uts', 'sh', '-c', 'hostname elsewhere && exec "$@"', 'sh'];
const mayUnshare = ((): boolean => {
  try {
    execFileSync('unshare', ['--uts', 'hostname', 'elsewhere'], { stdio: 'ignore' });
    return process.getuid?.() === 0;
  } catch {
    return false;
  }
})();

test.runIf(mayUnshare)(
  'a launcher of another host that was stopped, and goes on after another took over',
  async () => {
    const place = await Place.make({ pages: PAGES, gpus: 1 });
    const first = place.start({ through: ON_ANOTHER_HOST, plan: { '3.png': { fault: 'ask', times: 1 } } });
    const asking = await place.fakes.asking('3.png');
    const { run } = await first.event('run-started');
    first.kill('SIGSTOP');
    await eventually(async () => expect(await readFile(`/proc/${first.pid}/stat`, 'utf8')).toMatch(/\) T /));
    const longAgo = new Date(Date.now() - 61_000);
    for (const lock of ['lock', `work.${run}/lock`])
      await utimes(place.path(`${STATE}/${lock}`), longAgo, longAgo);

    const second = place.start();
    expect(await second.exit).toBe(0);
    const done = await readFile(place.path(`${STATE}/ledger.ndjson`), 'utf8');
    first.kill('SIGCONT');
    asking.order('finish');
    expect(await first.exit).toBe(3);
    expect(await readFile(place.path(`${STATE}/ledger.ndjson`), 'utf8')).toBe(done);
    expect(await readdir(place.path(STATE))).toEqual(['ledger.ndjson', 'runs']);
  },
);
