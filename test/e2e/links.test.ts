import { execFileSync } from 'node:child_process';
import { link, lstat, readFile, symlink } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { png } from '../fixtures/images.ts';
import { checkAccounts, runToEnd } from './accounts.ts';
import { Place } from './rig.ts';
import { runWarm, warmPlace } from './warm.ts';

/** Makes of each page what its name says, with an output that is a link. */
const MAKE = `import os, shutil, sys

def make(source, output):
    name = os.path.basename(output)
    if "hard" in name:
        os.link(os.path.realpath(source), output)
    elif "soft" in name:
        os.symlink(os.path.realpath(source), output)
    elif "nowhere" in name:
        os.symlink("/nowhere/at/all", output)
    elif "folder" in name:
        os.symlink(os.path.dirname(source), output)
    elif "pipe" in name:
        os.mkfifo(output)
    elif "device" in name:
        os.symlink("/dev/zero", output)
    else:
        shutil.copyfile(source, output)
        beside = os.path.dirname(output)
        os.symlink(os.path.realpath(source), os.path.join(beside, "soft.txt"))
        os.link(os.path.realpath(source), os.path.join(beside, "hard.txt"))
        os.symlink(os.path.dirname(os.path.realpath(source)), os.path.join(beside, "pages"))
        os.symlink("gone", os.path.join(beside, "gone.txt"))
        os.mkfifo(os.path.join(beside, "pipe.txt"))
`;

const WORKER = `${MAKE}
import json
print(json.dumps({"type": "ready", "protocol": 1, "translator": "links", "version": "1", "device": "cpu", "loadSeconds": 0}), flush=True)
for line in sys.stdin:
    page = json.loads(line)
    make(page["input"], page["output"])
    print(json.dumps({"type": "done", "id": page["id"], "outcome": "translated", "seconds": 0}), flush=True)
`;

const SCRIPT = `${MAKE}
for name in sorted(os.listdir(sys.argv[1])):
    make(os.path.join(sys.argv[1], name), os.path.join(sys.argv[2], name))
`;

const NAMES = ['hard', 'soft', 'nowhere', 'folder', 'pipe', 'device', 'whole'];
const PAGES = Object.fromEntries(NAMES.map((name, seed) => [`${name}.png`, png(8, 8, seed)]));
const BAD = {
  'nowhere.png': 'failed: bad-output',
  'folder.png': 'failed: bad-output',
  'pipe.png': 'failed: bad-output',
  'device.png': 'failed: bad-output',
};
const GOOD = { 'hard.png': 'translated', 'soft.png': 'translated', 'whole.png': 'translated' };

test.each([
  ['a warm worker', ['-t', 'worker:bin/worker.py'], []],
  ['a script', ['--command', 'python3 bin/script.py {input} {output}'], ['hard.txt', 'soft.txt']],
])('links as outputs of %s arrive as files of their own, or are bad outputs', async (_name, args, beside) => {
  const place = await warmPlace({ pages: PAGES, gpus: 1 });
  await place.write('bin/worker.py', WORKER);
  await place.write('bin/script.py', SCRIPT);
  const launcher = place.start({ args: [...args, '--retries', '0'] });
  const run = await checkAccounts(place, launcher, { beside });
  expect(run.outcomes).toEqual({ ...BAD, ...GOOD });
  expect(run.messages['nowhere.png']).toContain('it is a broken link');
  expect(run.files).toEqual([...Object.keys(GOOD), ...beside].sort());
  for (const file of [...run.files.map((name) => `input-translated/${name}`), 'input/hard.png']) {
    const found = await lstat(place.path(file));
    expect({ file, isFile: found.isFile(), nlink: found.nlink }).toEqual({ file, isFile: true, nlink: 1 });
  }
});

test('a link that stands in an output’s place is replaced, and never written through', async () => {
  const place = await Place.make({ pages: ['1-exit1.png', '2.png', '3.png'], gpus: 1 });
  const originals = await Promise.all(
    ['2.png', '3.png'].map((name) => readFile(place.path(`input/${name}`))),
  );
  await place.write('other.png', png(9, 9));
  await place.write('input-translated/keep.txt', '');
  await symlink('../input/3.png', place.path('input-translated/2.png'));
  await link(place.path('input/2.png'), place.path('input-translated/3.png'));
  await symlink('../other.png', place.path('input-translated/1-exit1.png'));
  const run = await runToEnd({
    place,
    args: ['--overwrite', 'all', '--retries', '0', '--on-failed', 'copy'],
    beside: ['1-exit1.png', 'keep.txt'],
  });
  expect(run.counts).toMatchObject({ translated: 2, failed: 1 });
  for (const name of ['2.png', '3.png']) {
    expect(await lstat(place.path(`input-translated/${name}`))).toMatchObject({ nlink: 1 });
  }
  expect(await Promise.all(['2.png', '3.png'].map((name) => readFile(place.path(`input/${name}`))))).toEqual(
    originals,
  );
  expect(await readFile(place.path('other.png'))).toEqual(png(9, 9));
});

test('--on-failed copy: an original that can’t be read is its page’s own trouble', async () => {
  const place = await warmPlace({ pages: ['1.png'], gpus: 1 });
  execFileSync('mkfifo', [place.path('pipe')]);
  await symlink('../bin', place.path('input/folder.png'));
  await symlink('../pipe', place.path('input/pipe.png'));
  await symlink('nowhere', place.path('input/gone.png'));
  // Reading it is an input/output error, for root too.
  await symlink('/proc/self/mem', place.path('input/io.png'));
  const run = await runWarm({ place, args: ['--on-failed', 'copy'] });
  expect(run.outcomes).toEqual({
    '1.png': 'translated',
    'folder.png': 'failed: unreadable',
    'gone.png': 'failed: unreadable',
    'io.png': 'failed: unreadable',
    'pipe.png': 'failed: unreadable',
  });
  expect(run.messages['folder.png']).toContain("its original can't be read");
  expect(run.files).toEqual(['1.png']);
  expect(run.code).toBe(1);
});
