import { execFileSync } from 'node:child_process';
import { mkdir, statfs, writeFile } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { png } from '../fixtures/images.ts';
import { checkAccounts } from './accounts.ts';
import { ledgerOf } from './process.ts';
import { Place } from './rig.ts';

const NAMES = ['1.png', '2.png', '3.png', '4.png', '5.png', '6.png'];
/** A page of 200 kB: what stands behind the header need not be pixels. */
const large = (seed: number): Buffer => {
  const small = png(8, 8, seed);
  const chunk = Buffer.alloc(200_000, seed);
  chunk.writeUInt32BE(chunk.length - 12);
  chunk.write('teSt', 4, 'latin1');
  chunk.writeUInt32BE(crc32(chunk.subarray(4, -4)), chunk.length - 4);
  return Buffer.concat([small.subarray(0, -12), chunk, small.subarray(-12)]);
};
const PAGES = Object.fromEntries(NAMES.map((name, seed) => [name, large(seed)]));

/** A disk of one megabyte with room for two pages or so. */
async function mountSmallDisk(folder: string): Promise<void> {
  await mkdir(folder);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder]);
  onTestFinished(() => {
    execFileSync('umount', ['-l', folder]);
  });
  await writeFile(`${folder}/ballast`, Buffer.alloc(450_000));
}

const mayMount = ((): boolean => {
  try {
    execFileSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

test.runIf(mayMount)(
  'a disk that is full under the output: exit 3, and the same command goes on',
  async () => {
    const place = await Place.make({ pages: PAGES, gpus: 1 });
    await mountSmallDisk(place.path('small'));
    const args = ['--output', 'small/out', '--work', 'work'];
    const full = place.start({ args });
    expect(await full.exit).toBe(3);
    const [last] = full.of('run-finished');
    expect(last?.message).toMatch(/^no space is left: can't write \S+\/small\/out\/\d\.png\nfree space/);
    const done = full.of('page-finished').map(({ page }) => page);
    expect(done).toEqual(NAMES.slice(0, done.length));
    expect(last?.counts).toMatchObject({ translated: done.length, failed: 0, left: 6 - done.length });

    execFileSync('mount', ['-o', 'remount,size=4m', place.path('small')]);
    const run = await checkAccounts(place, place.start({ args }), { output: 'small/out' });
    expect(run.code).toBe(0);
    expect(run.counts).toMatchObject({ translated: 6 - done.length, skipped: done.length });
    expect(run.files).toEqual(NAMES);
  },
);

test.runIf(mayMount)('a disk that is full under output and work: no page is failed for it', async () => {
  const place = await Place.make({ pages: PAGES, gpus: 1 });
  await mountSmallDisk(place.path('small'));
  const args = ['--output', 'small/out'];
  const full = place.start({ args });
  expect(await full.exit).toBe(3);
  expect(full.of('run-finished')[0]?.counts).toMatchObject({ failed: 0 });
  expect(full.of('run-finished')[0]?.message).toMatch(/no space/i);
  const done = full.of('page-finished').length;

  execFileSync('mount', ['-o', 'remount,size=4m', place.path('small')]);
  const run = await checkAccounts(place, place.start({ args }), { output: 'small/out' });
  expect(run.code).toBe(0);
  expect(run.counts.skipped).toBeGreaterThanOrEqual(done);
  expect(run.files).toEqual(NAMES);
});

test.runIf(mayMount)('a ledger that can be written no more ends the run', async () => {
  const place = await Place.make({ pages: ['1.png', '2.png', '3.png', '4.png'], gpus: 1 });
  await mkdir(place.path('input-translated/.mgpu'), { recursive: true });
  const ledger = place.path('input-translated/.mgpu/ledger.ndjson');
  await mkdir(place.path('disk'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4k', 'tmpfs', place.path('disk')]);
  onTestFinished(() => {
    execFileSync('umount', ['-l', place.path('disk')]);
  });
  await writeFile(place.path('disk/ledger.ndjson'), `${'{"a":1}\n'.repeat(511)}`);
  await writeFile(ledger, '');
  execFileSync('mount', ['--bind', place.path('disk/ledger.ndjson'), ledger]);
  onTestFinished(() => {
    execFileSync('umount', ['-l', ledger]);
  });
  expect((await statfs(place.path('disk'))).bavail).toBe(0);
  const full = place.start();
  expect(await full.exit).toBe(3);
  expect(full.of('run-finished')[0]?.message).toMatch(
    /^the ledger \S+ can't be written: .*ENOSPC.*\nfree space/,
  );

  execFileSync('mount', ['-o', 'remount,size=1m', place.path('disk')]);
  const run = await checkAccounts(place, place.start());
  expect(run.code).toBe(0);
  expect(run.files).toEqual(['1.png', '2.png', '3.png', '4.png']);
  expect((await ledgerOf(place)).size).toBe(4);
});
