import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeEach, expect, test } from 'vitest';
import { type LockRequest, lockName, takeLock } from '../../../src/store/lock/lock.ts';
import { lookAtProcesses } from '../../../src/store/lock/process-identity.ts';

let output: string;
let folder: string;
beforeEach(async () => {
  output = await mkdtemp(join(tmpdir(), 'lock-'));
  folder = join(output, '.mgpu');
});
const take = (but: Partial<LockRequest> = {}) =>
  takeLock({ folder, run: 'here', onLost: () => undefined, ...but });
const part = (index: number, of: number) => ({ part: { index, of }, run: `${index}/${of}` });

/** Writes a lock by hand, touched so many seconds ago. */
async function leaveLock(text: string, secondsAgo: number, name = 'lock'): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, name), text);
  const then = Date.now() / 1000 - secondsAgo;
  await utimes(join(folder, name), then, then);
}
const foreign = async (but: object = {}) => {
  const { self } = await lookAtProcesses();
  return JSON.stringify({ ...self, host: 'far\u001baway', run: 'r', since: '2026-01-02T03:04:05Z', ...but });
};

test('says who holds it, and leaves it to them', async () => {
  const first = await take();
  const refused = take();
  await expect(refused).rejects.toMatchObject({ exitCode: 3 });
  await expect(refused).rejects.toThrow(new RegExp(`process ${process.pid} on .+, since 20`));
  await first.release();
  await (await take()).release();
});

test('leaves nothing behind where nothing was', async () => {
  await (await take()).release();
  expect(await readdir(output)).toEqual([]);
  await rm(output, { recursive: true });
  await (await take()).release();
  await expect(access(output)).rejects.toThrow();
});

test('holds exactly what identifies the process, and no other file stays', async () => {
  const lock = await take(part(2, 4));
  expect(await readdir(folder)).toEqual([lockName({ index: 2, of: 4 })]);
  const held = JSON.parse(await readFile(join(folder, 'lock.2-of-4'), 'utf8'));
  expect(held).toMatchObject({ ...(await lookAtProcesses()).self, part: { index: 2, of: 4 }, run: '2/4' });
  await lock.release();
});

test.each([
  ['whole run', 'whole run', undefined, undefined, false],
  ['whole run', 'part', undefined, part(1, 4), false],
  ['part', 'whole run', part(1, 4), undefined, false],
  ['part', 'same part', part(1, 4), part(1, 4), false],
  ['part', 'other part', part(1, 4), part(2, 4), true],
  ['part of 3', 'part of 4', part(1, 3), part(2, 4), false],
])('%s beside %s', async (_first, _second, first, second, together) => {
  const held = await take(first);
  if (together) await (await take(second)).release();
  else await expect(take(second)).rejects.toMatchObject({ exitCode: 3 });
  await held.release();
  await (await take(second)).release();
});

test('takes over at once from a process that was killed', async () => {
  const script = fileURLToPath(new URL('lock-holder.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', script, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  await expect(take()).rejects.toThrow(`process ${child.pid} `);
  child.kill('SIGKILL');
  await once(child, 'exit');
  const lock = await take();
  expect(lock.notices).toEqual([expect.stringMatching(`process ${child.pid} on .+ gone`)]);
  await lock.release();
});

test('knows a later process under the same pid for another one', async () => {
  const { self } = await lookAtProcesses();
  await leaveLock(await foreign({ host: self.host, startTime: (self.startTime ?? 0) - 1 }), 0);
  const lock = await take();
  expect(lock.notices).toHaveLength(1);
  await lock.release();
});

test.each([
  ['a foreign host', () => foreign({ pid: 999_999_999 })],
  ['another boot', () => foreign({ bootId: 'other', pid: 999_999_999 })],
  ['another PID namespace', () => foreign({ pidNamespace: 'pid:[1]', pid: 999_999_999 })],
  ['garbage', async () => '{"pid": -1}'],
  ['an empty file', async () => ''],
])('%s is believed for 60 s, then taken over', async (_what, text) => {
  await leaveLock(await text(), 50);
  const refused = await take().catch((error: unknown) => error);
  expect(refused).toMatchObject({ exitCode: 3 });
  expect(String(refused)).not.toContain('\u001b');
  await leaveLock(await text(), 61);
  const lock = await take();
  expect(lock.notices).toEqual([expect.stringContaining('it has had no heartbeat for 61 s')]);
  await lock.release();
});

test('a process that is there holds its lock, however long ago it touched it', async () => {
  const { self } = await lookAtProcesses();
  await leaveLock(await foreign({ host: self.host }), 7 * 24 * 3600);
  await expect(take()).rejects.toMatchObject({
    exitCode: 3,
    hint: expect.stringMatching(/It is running\.$/),
  });
});

test('a lock whose time is in the future is not promised to end soon', async () => {
  await leaveLock(await foreign(), -3600);
  await expect(take()).rejects.toMatchObject({
    exitCode: 3,
    hint: expect.stringContaining(`If it no longer exists, remove ${join(folder, 'lock')}.`),
  });
});

test('a gate whose time is in the future is not waited for endlessly', async () => {
  await leaveLock(await foreign(), -3600, 'lock-gate');
  await expect(take({ gateWaitMs: 50 })).rejects.toMatchObject({
    exitCode: 3,
    message: expect.stringMatching(
      /^the output is being locked by process \d+ on far.*away, which does not finish$/,
    ),
    hint: expect.stringContaining(`rm ${join(folder, 'lock-gate')}`),
  });
  expect(await readdir(folder)).toEqual(['lock-gate']);
});

test.each(['lock', 'lock-gate', 'lock.1-of-2'])(
  'a FIFO or a link named %s is refused by name',
  async (name) => {
    await mkdir(folder);
    for (const [command, what] of [
      ['mkfifo "$0"', 'a FIFO'],
      ['ln -s /etc/hostname "$0"', 'a link'],
      ['mkdir "$0"', 'a folder'],
    ] as const) {
      execFileSync('sh', ['-c', command, join(folder, name)]);
      await expect(take()).rejects.toMatchObject({
        exitCode: 3,
        message: `${join(folder, name)} is not the lock of a run: it is ${what}, not a regular file`,
      });
      await rm(join(folder, name), { recursive: true });
    }
  },
);

test('what names a part that no job can have is no lock', async () => {
  await leaveLock(await foreign(), 0, `lock.1-of-${'9'.repeat(24)}`);
  await (await take()).release();
});

test('is given to exactly one of many who find a stale one', async () => {
  for (let round = 0; round < 5; round++) {
    await leaveLock(await foreign(), 100);
    const ends = await Promise.allSettled(Array.from({ length: 8 }, (_, at) => take({ run: `${at}` })));
    const won = ends.flatMap((end) => (end.status === 'fulfilled' ? [end.value] : []));
    expect(won).toHaveLength(1);
    for (const end of ends) if (end.status === 'rejected') expect(end.reason).toMatchObject({ exitCode: 3 });
    await won[0]?.release();
  }
});

test('gets past a launcher that died while it took a lock', async () => {
  await leaveLock(await foreign(), 100, 'lock-gate');
  await leaveLock('half', 100, 'lock.1234.tmp');
  await leaveLock('', 100, '.mgpu-form-\u00e9-1234');
  const lock = await take();
  expect(await readdir(folder)).toEqual(['lock']);
  await lock.release();
});

test('is touched while it is held', async () => {
  const lock = await take({ touchEveryMs: 5 });
  const path = join(folder, 'lock');
  await utimes(path, 1, 1);
  await expect.poll(async () => (await stat(path)).mtimeMs).toBeGreaterThan(1e12);
  await lock.release();
});

test('tells once that it was lost, and leaves the lock of the other', async () => {
  let lost = 0;
  const lock = await take({ touchEveryMs: 5, onLost: () => (lost += 1) });
  const others = await foreign();
  await rm(join(folder, 'lock'));
  await writeFile(join(folder, 'lock'), others);
  await expect.poll(() => lost).toBe(1);
  await lock.release();
  expect(await readFile(join(folder, 'lock'), 'utf8')).toBe(others);
  expect(lost).toBe(1);
});

test('refuses a folder that can not be made', async () => {
  await writeFile(folder, '');
  await expect(take()).rejects.toMatchObject({
    exitCode: 2,
    message: expect.stringContaining("can't be written"),
  });
});
