import { readdir, readFile, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { png } from '../fixtures/images.ts';
import { runToEnd } from './accounts.ts';
import { Place } from './rig.ts';
import { FAKE_WORKER, runWarm, warmPlace } from './warm.ts';

const originalsOf = async (place: Place): Promise<Record<string, Buffer>> => {
  const names = (await readdir(place.path('input'))).sort();
  const read = names.map(async (name) => [name, await readFile(place.path(`input/${name}`))] as const);
  return Object.fromEntries(await Promise.all(read));
};

const messageOf = ({ launcher }: Awaited<ReturnType<typeof runWarm>>): string =>
  launcher.of('run-finished')[0]?.message ?? '';

const noticesOf = ({ launcher }: Awaited<ReturnType<typeof runWarm>>): string =>
  launcher
    .of('notice')
    .map(({ text }) => text)
    .join('\n');

test.each(['overwrite-input', 'swap-input'])(
  'a warm worker that writes over its input (%s) is stopped, also where size and times are as before',
  async (fault) => {
    const run = await runWarm({ pages: ['1.png', `2-${fault}.png`, '3.png'], gpus: 1, sameBytes: false });
    expect(run.code).toBe(3);
    expect(run.outcomes).toEqual({ '1.png': 'translated' });
    expect(messageOf(run)).toContain('the translator seems to overwrite its input');
    expect(messageOf(run)).toContain('--link copy');
  },
);

test('a worker has passed no trial by pages without text: it has copies of those that follow', async () => {
  const pages = ['1-no-text.png', '2-no-text.png', '3-no-text.png', '4-overwrite-input.png'];
  const place = await warmPlace({ pages, gpus: 1 });
  const before = await originalsOf(place);
  const run = await runWarm({ place, sameBytes: false });
  expect(run.code).toBe(3);
  expect(messageOf(run)).toContain('changed its copy of 4-overwrite-input.png');
  expect(await originalsOf(place)).toEqual(before);
});

test('a worker whose pages take long gets copies of all: one that it writes over later is no original', async () => {
  const place = await warmPlace({ pages: ['1.png', '2-overwrite-input.png', '3.png'], gpus: 1 });
  const before = await originalsOf(place);
  const plan = { '1.png': { fault: 'slow', seconds: 0.3 } };
  const run = await runWarm({ place, plan, sameBytes: false });
  expect(run.code).toBe(0);
  expect(await originalsOf(place)).toEqual(before);
});

test('one that saves to its input only is told to save to its output: copies would not help it', async () => {
  const place = await warmPlace({ pages: ['1.png', '2.png'], gpus: 1 });
  const source =
    'import mgpu_worker\ndef translate(page_in, page_out):\n    open(page_in, "ab").write(b"x")\nmgpu_worker.run(translate=translate)\n';
  await place.write('in_place.py', source);
  const run = await runToEnd({ place, args: ['-t', 'worker:in_place.py'] });
  expect(run.code).toBe(3);
  expect(messageOf(run)).toContain('save to the output path that it gets (page_out)');
  expect(messageOf(run)).not.toContain('--link copy');
});

test('one that replaces each page by a file of its own is stopped after three', async () => {
  const pages = ['1.png', '2.png', '3.png', '4.png', '5.png', '6.png'];
  const place = await warmPlace({ pages, gpus: 1 });
  const before = await originalsOf(place);
  const run = await runWarm({ place, plan: { '*': 'replace-input' }, sameBytes: false });
  expect(run.code).toBe(3);
  expect(messageOf(run)).toContain('the translator seems to overwrite its input');
  const after = await originalsOf(place);
  const changed = pages.filter((page) => !before[page]?.equals(after[page] ?? Buffer.alloc(0)));
  expect(changed.length).toBeLessThanOrEqual(4);
});

/** Writes each page over its input, in the way that MODE says: into the file, or into one that takes its place. */
const SPOIL = `import os, sys
taken, made, mode = sys.argv[1:4]
for name in sorted(os.listdir(taken)):
    page = os.path.join(taken, name)
    data = open(page, "rb").read()
    data = data[:-12] + b"\\0\\0\\0\\0faKeXI\\xd5\\xcd" + data[-12:]
    if mode == "fails":
        data = data[:40]
    if mode == "both":
        open(os.path.join(made, name), "wb").write(data)
    target = page + ".part" if mode == "replaces" else page
    open(target, "wb").write(data)
    os.replace(target, page)
sys.exit(1 if mode == "fails" else 0)
`;

/** Writes over its pages, and notes each; the first time it ends with an error after three. */
const STOPS_AFTER_THREE = `import os, sys
taken = sys.argv[1]
is_first = not os.path.exists("made")
for at, name in enumerate(sorted(os.listdir(taken))):
    if is_first and at == 3:
        sys.exit("out of patience")
    page = os.path.join(taken, name)
    data = open(page, "rb").read()
    open(page, "wb").write(data[:-12] + b"\\0\\0\\0\\0faKeXI\\xd5\\xcd" + data[-12:])
    with open("made", "a") as made:
        made.write(name + "\\n")
`;

/** Saves a cover as it is, and writes over any other page. */
const SPOIL_ALL_BUT_COVERS = `import os, shutil, sys
taken, made = sys.argv[1:3]
for name in sorted(os.listdir(taken)):
    shutil.copyfile(os.path.join(taken, name), os.path.join(made, name))
    if name != "cover.png":
        open(os.path.join(taken, name), "ab").write(b"more")
`;

test('a script has passed no trial by pages that it saved as they are', async () => {
  const place = await Place.make({ pages: ['a/cover.png', 'b/1.png'], gpus: 1 });
  const before = await readFile(place.path('input/b/1.png'));
  await place.write('spoil.py', SPOIL_ALL_BUT_COVERS);
  const args = ['--command', 'python3 spoil.py {input} {output}', '--batch-layout', 'folder'];
  const run = await runToEnd({ place, args });
  expect(run.code).toBe(3);
  expect(messageOf(run)).toContain('changed its copy of b/1.png');
  expect(await readFile(place.path('input/b/1.png'))).toEqual(before);
});

/** Translates all it is given, and moves what its links lead to out of the way. */
const MOVE = `import os, shutil, sys
taken, made = sys.argv[1:3]
for name in sorted(os.listdir(taken)):
    page = os.path.realpath(os.path.join(taken, name))
    data = open(page, "rb").read()
    open(os.path.join(made, name), "wb").write(data[:-12] + b"\\0\\0\\0\\0faKeXI\\xd5\\xcd" + data[-12:])
    os.rename(page, os.path.join(taken, name + ".done"))
`;

test('a script that moves its pages away has copies alone, and no original moves', async () => {
  const pages = Array.from({ length: 20 }, (_, at) => `${at + 1}.png`);
  const place = await Place.make({ pages, gpus: 1 });
  const before = await originalsOf(place);
  await place.write('move.py', MOVE);
  const run = await runToEnd({ place, args: ['--command', 'python3 move.py {input} {output}'] });
  expect(run.code).toBe(3);
  expect(run.counts).toMatchObject({ translated: 20, failed: 0, left: 0 });
  expect(await originalsOf(place)).toEqual(before);
  expect(messageOf(run)).toContain('moved or removed its copy of 1.png and 19 more pages');
});

test.each([
  ['over', 0, 4],
  ['both', 3, 4],
  ['fails', 3, 0],
  ['replaces', 0, 4],
])(
  'a script that writes over its input (%s) has copies, and no original changes',
  async (mode, code, translated) => {
    const pages = ['1.png', '2.png', '3.png', '4.png'];
    const place = await Place.make({ pages, gpus: 1 });
    const before = await originalsOf(place);
    await place.write('spoil.py', SPOIL);
    const args = ['--command', `python3 spoil.py {input} {output} ${mode}`, '--retries', '0'];
    const run = await runToEnd({ place, args, sameBytes: false });
    expect(run.code).toBe(code);
    expect(run.counts).toMatchObject({ translated, failed: 0 });
    expect(await originalsOf(place)).toEqual(before);
    if (code === 3) {
      expect(messageOf(run)).toContain(
        'changed its copy of 1.png and 3 more pages: the translator seems to overwrite its input',
      );
      expect(messageOf(run)).toContain('--link copy');
    }
  },
);

test('a script that writes over its input and is stopped: the command to resume takes what it wrote', async () => {
  const pages = Array.from({ length: 6 }, (_, at) => `${at + 1}.png`);
  const place = await Place.make({ pages, gpus: 1 });
  const before = await originalsOf(place);
  await place.write('stops.py', STOPS_AFTER_THREE);
  const args = ['--command', 'python3 stops.py {input} {output}', '--retries', '0'];
  const first = await runToEnd({ place, args, sameBytes: false });
  expect(first.code).toBe(3);
  expect(first.counts).toMatchObject({ translated: 0, left: 6 });
  expect(await originalsOf(place)).toEqual(before);
  const [end] = first.launcher.of('run-finished');
  expect(end?.message).toContain("add --outputs-in '{input}': what it has written is kept");
  const next = await runToEnd({ place, args: [...args, '--outputs-in', '{input}'], sameBytes: false });
  expect(next.code).toBe(0);
  expect(next.counts).toMatchObject({ translated: 6, failed: 0 });
  expect((await readFile(place.path('made'), 'utf8')).trim().split('\n')).toHaveLength(6);
  expect(await originalsOf(place)).toEqual(before);
});

test('--link copy takes what such a script writes over its input; a page that it passed over comes again', async () => {
  const pages = Array.from({ length: 12 }, (_, at) => `${at + 10}.png`);
  const place = await Place.make({ pages, gpus: 1 });
  const before = await originalsOf(place);
  await place.write('spoil.py', SPOIL.replace('sorted(os.listdir(taken))', 'sorted(os.listdir(taken))[:11]'));
  const args = ['--command', 'python3 spoil.py {input} {output} over', '--retries', '0', '--link', 'copy'];
  const run = await runToEnd({ place, args, sameBytes: false });
  expect(run.counts).toMatchObject({ translated: 12, failed: 0 });
  expect(noticesOf(run)).toContain(
    'over 10.png, and nothing into {output}: what it wrote there counts as its output',
  );
  expect(await originalsOf(place)).toEqual(before);
});

const LINKS_ITS_FOLDER = `import json, os, shutil, sys
print(json.dumps(dict(type="ready", protocol=1, translator="t", version="1", device="cpu", loadSeconds=0)), flush=True)
for line in sys.stdin:
    page = json.loads(line)
    folder = os.path.dirname(page["output"])
    if not os.path.islink(folder):
        shutil.rmtree(folder)
        os.symlink(os.path.dirname(page["input"]), folder)
    print(json.dumps(dict(type="done", id=page["id"], outcome="translated")), flush=True)
`;

test('a worker that makes its output folder a link to the originals: they stay where they are', async () => {
  const place = await warmPlace({ pages: ['1.png', '2.png', '3.png'], gpus: 1 });
  const before = await originalsOf(place);
  await place.write('links.py', LINKS_ITS_FOLDER);
  const run = await runToEnd({ place, args: ['-t', 'worker:links.py', '--retries', '0'] });
  expect(run.counts.translated).toBe(0);
  expect(await originalsOf(place)).toEqual(before);
});

test.each([
  ['its output folder', 'rmdir "$2"\nln -s "$3/a/b" "$2"\n', []],
  ['a folder above its outputs', 'ln -s "$3" "$1/up"\n', ['--outputs-in', '{input}/up/a/b']],
])('a script that makes %s a link to files of others: they stay where they are', async (_, lines, args) => {
  const place = await Place.make({ pages: ['1.png', '2.png', '3.png'], gpus: 1 });
  for (const page of ['1.png', '2.png', '3.png']) await place.write(`kept/a/b/${page}`, png(8, 8, 1));
  await place.write('bin/link', lines);
  const command = `sh bin/link {input} {output} '${place.path('kept')}'`;
  const run = await runToEnd({ place, args: ['--command', command, '--retries', '0', ...args] });
  expect(run.counts.translated).toBe(0);
  expect(await readdir(place.path('kept/a/b'))).toHaveLength(3);
});

test('one that writes over its input and then fails is found out too', async () => {
  const run = await runWarm({ pages: ['1.png', '2-overwrite-error.png', '3.png'], gpus: 1 });
  expect(run.code).toBe(3);
  expect(run.outcomes).toEqual({ '1.png': 'translated' });
  expect(messageOf(run)).toContain('2-overwrite-error.png');
});

test('--link copy gives warm workers copies, whatever they do to them', async () => {
  const faults = [
    'overwrite-input',
    'overwrite-error',
    'swap-input',
    'replace-input',
    'remove-input',
    'touch-input',
  ];
  const place = await warmPlace({ pages: faults.map((fault, n) => `${n}-${fault}.png`), gpus: 1 });
  const before = await originalsOf(place);
  const run = await runWarm({ place, args: ['--link', 'copy', '--retries', '0'], sameBytes: false });
  expect(run.code).toBe(1);
  expect(run.counts).toMatchObject({ translated: 5, failed: 1 });
  expect(await originalsOf(place)).toEqual(before);
  expect(noticesOf(run)).toBe('');
  // Their sources are what they were: nothing is done twice.
  const next = await runWarm({ place, args: ['--retries', '0'], plan: { '1-overwrite-error.png': 'none' } });
  expect(next.counts).toMatchObject({ translated: 1, skipped: 5 });
});

test.each([
  ['warm', 'fake worker'],
  ['one-shot', 'fake script'],
])('%s: a source that is touched, replaced or removed by others costs its page at most', async (kind) => {
  const pages = ['1.png', '2-touch-input.png', '3-replace-input.png', '4-remove-input.png', '5.png'];
  const place = kind === 'warm' ? await warmPlace({ pages, gpus: 1 }) : await Place.make({ pages, gpus: 1 });
  const args = [...(kind === 'warm' ? ['-t', FAKE_WORKER] : []), '--retries', '0'];
  // What others do, they do to the originals.
  const env = { FAKE_ORIGINALS: place.path('input') };
  const run = await runToEnd({ place, args, env, sameBytes: false });
  expect(run.code).toBe(1);
  expect(run.outcomes).toEqual({
    '1.png': 'translated',
    '2-touch-input.png': 'translated',
    '3-replace-input.png': 'translated',
    '4-remove-input.png': 'failed: unreadable',
    '5.png': 'translated',
  });
  expect(run.messages['4-remove-input.png']).toContain('no such file');
  expect(noticesOf(run)).toContain('3-replace-input.png was changed by another program');
  // The next run sees to the one that was replaced, and to no other.
  const next = await runToEnd({ place, args, plan: { '*': 'none' }, sameBytes: false });
  expect(next.outcomes).toEqual({ '3-replace-input.png': 'translated' });
  expect(next.counts).toMatchObject({ skipped: 3 });
});

const COPY_FIRST = `import os, shutil, sys
given, out = sys.argv[1], sys.argv[2]
names = sorted(os.listdir(given))
for name in names:
    shutil.copy2(os.path.join(given, name), os.path.join(out, name))
for name in names:
    print("translating", name, flush=True)
    if name.startswith("3"):
        END
    path = os.path.join(out, name)
    data = open(path, "rb").read()
    open(path, "wb").write(data[:-12] + b"\\0\\0\\0\\0faKeXI\\xd5\\xcd" + data[-12:])
`;

test.each([
  ['raises', 'raise ValueError("this page is too much for me")'],
  ['is killed', 'os.kill(os.getpid(), 9)'],
])('a script that copies all pages first and then %s: its copies are no translations', async (_, end) => {
  const pages = ['1.png', '2.png', '3.png', '4.png', '5.png', '6.png'];
  const place = await Place.make({ pages, gpus: 1 });
  await place.write('copy_first.py', COPY_FIRST.replace('END', end));
  const command = `python3 ${place.path('copy_first.py')} {input} {output}`;
  const run = await runToEnd({ place, args: ['--command', command, '--retries', '0'] });
  expect(run.code).toBe(1);
  expect(run.outcomes['3.png']).toMatch(/^failed/);
  expect(run.counts).toMatchObject({ translated: 5, failed: 1 });
  for (const page of pages) {
    if (page === '3.png') continue;
    const made = await readFile(place.path(`input-translated/${page}`));
    expect(made.equals(await readFile(place.path(`input/${page}`))), page).toBe(false);
  }
});

test('a script that saves the source as it is and ends well: that is its output', async () => {
  const run = await runToEnd({ pages: ['1.png', '2-copy.png', '3.png'], gpus: 1 });
  expect(run.code).toBe(0);
  expect(run.counts.translated).toBe(3);
  expect(await readFile(run.place.path('input-translated/2-copy.png'))).toEqual(
    await readFile(run.place.path('input/2-copy.png')),
  );
});

test('copies that a killed run left are not gathered as translations', async () => {
  const pages = ['1.png', '2.png', '3.png'];
  const place = await Place.make({ pages, gpus: 1 });
  await place.write('copy_first.py', COPY_FIRST.replace('END', 'import time; time.sleep(3600)'));
  const command = `python3 ${place.path('copy_first.py')} {input} {output}`;
  const launcher = place.start({ args: ['--command', command, '--log-level', 'info'] });
  await launcher.event('worker-log', ({ text }) => text === 'translating 3.png');
  launcher.kill('SIGKILL');
  await launcher.exit;
  await writeFile(place.path('copy_first.py'), COPY_FIRST.replace('END', 'pass'));
  const run = await runToEnd({ place, args: ['--command', command] });
  expect(run.code).toBe(0);
  expect(run.messages['3.png']).toBe('');
});
