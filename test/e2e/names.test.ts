import { mkdir, symlink } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { BROKEN, makeBrokenImages, makeTroubledNames, TINY_PNG } from '../fixtures/trouble.ts';
import { runToEnd } from './accounts.ts';
import { Place } from './rig.ts';

test.each([
  ['a translator that names them', {}],
  ['a silent translator', { FAKE_SILENT: '1' }],
])('pages of any name are accounted for exactly once: %s', async (_, env) => {
  const place = await Place.make({ pages: [] });
  await mkdir(place.path('input'));
  const { good, notUtf8 } = await makeTroubledNames(place.path('input'));
  const run = await runToEnd({ place, env });
  expect(Object.keys(run.outcomes).sort()).toEqual([...good, ...notUtf8].sort());
  for (const page of good) expect(run.outcomes[page], page).toBe('translated');
  for (const page of notUtf8) {
    expect(run.outcomes[page]).toBe('failed: unreadable');
    expect(run.messages[page]).toContain('convmv');
  }
  expect(run.files).toEqual(good);
  expect(run.code).toBe(notUtf8.length > 0 ? 1 : 0);
});

test('bad pages among troubled names cost those pages alone', async () => {
  const bad = ['new\nline.png', '{input}.png'];
  const place = await Place.make({ pages: [], gpus: 1 });
  await mkdir(place.path('input'));
  const { good, notUtf8 } = await makeTroubledNames(place.path('input'));
  const plan = Object.fromEntries(bad.map((page) => [page, 'exit0']));
  const run = await runToEnd({ place, plan, args: ['--retries', '0'] });
  expect(run.counts).toMatchObject({ translated: good.length - 2, failed: 2 + notUtf8.length });
  for (const page of bad) expect(run.outcomes[page]).toBe('failed: no-output');
  expect(run.files).toEqual(good.filter((page) => !bad.includes(page)));
});

test('control characters in names never reach the terminal', async () => {
  const pages = ['red \u001b[31m-exit1.png', 'two\nlines-exit0.png', 'del\u007f\u009b-crash.png'];
  const place = await Place.make({ pages });
  const launcher = place.start({ argv: ['run', 'input', '--reporter', 'plain', '--retries', '0'] });
  expect(await launcher.exit).toBe(1);
  const said = `${launcher.text.join('\n')}\n${launcher.stderr}`;
  expect(said).toContain('red');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  expect(said).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
  expect(said).not.toMatch(/^lines-exit0/m);
});

test('broken images are unreadable without a child, or tried where their head is right', async () => {
  const place = await Place.make({ pages: [], gpus: 1 });
  await makeBrokenImages(place.path('input'));
  await place.write('input/vol 1.cbr', '');
  const run = await runToEnd({ place });
  expect(run.launcher.of('notice').map(({ text }) => text)).toContainEqual(
    expect.stringMatching(/Not read: 1 \.cbr \(unar 'vol 1\.cbr'\)/),
  );
  expect(run.messages['text.png']).toMatch(/HTML page under a \.png name/);
  expect(Object.keys(run.outcomes).sort()).toEqual([...BROKEN, 'whole.png'].sort());
  expect(run.outcomes).toMatchObject({
    'empty.png': 'failed: unreadable',
    'text.png': 'failed: unreadable',
    'whole.png': 'translated',
    // The fake writes half of it, as its name says, and half of it is there.
    'cut.png': 'failed: unreadable',
    // It is copied as it is: nothing is lost that was there.
    'signature.png': 'translated',
  });
  for (const { page, attempt } of run.launcher.of('page-finished')) {
    expect(attempt, page).toBe(['empty.png', 'text.png'].includes(page) ? 0 : 1);
  }
});

test('nothing but unreadable pages: no child is started', async () => {
  const run = await runToEnd({ pages: { '1.png': Buffer.alloc(0), '2.png': Buffer.from('text') } });
  expect(run.counts).toMatchObject({ failed: 2 });
  expect(run.launcher.of('worker-started')).toEqual([]);
  expect(run.code).toBe(1);
});

test('links to pages and folders, and loops of links, give each page once', async () => {
  const place = await Place.make({ pages: ['ch1/1.png', 'ch1/2.png'] });
  await place.write('elsewhere/3.png', TINY_PNG);
  await symlink('../elsewhere', place.path('input/linked'));
  await symlink('..', place.path('input/ch1/loop'));
  await symlink('ch1/1.png', place.path('input/again.png'));
  await symlink('nowhere.png', place.path('input/dangling.png'));
  const run = await runToEnd({ place });
  expect(run.outcomes).toEqual({
    'again.png': 'translated',
    'ch1/1.png': 'translated',
    'ch1/2.png': 'translated',
    'dangling.png': 'failed: unreadable',
    'linked/3.png': 'translated',
  });
});

const NORMALIZE = `import json, os, sys, unicodedata
nfc = lambda name: unicodedata.normalize("NFC", name)
def copy(source, target):
    os.makedirs(os.path.dirname(target), exist_ok=True)
    data = open(source, "rb").read()
    open(target, "wb").write(data[:-12] + b"\\0\\0\\0\\0faKeXI\\xd5\\xcd" + data[-12:])
if len(sys.argv) > 1:
    for folder, _, names in os.walk(sys.argv[1]):
        for name in names:
            page = os.path.join(folder, name)
            copy(page, os.path.join(sys.argv[2], nfc(os.path.relpath(page, sys.argv[1]))))
else:
    print(json.dumps(dict(type="ready", protocol=1, translator="t", version="1", device="cpu", loadSeconds=0)), flush=True)
    for line in sys.stdin:
        page = json.loads(line)
        if page["type"] != "page": break
        copy(page["input"], nfc(page["output"]))
        print(json.dumps(dict(type="done", id=page["id"], outcome="translated", seconds=0)), flush=True)
`;

test.each([
  ['a script', ['--command', 'python3 normalize.py {input} {output}']],
  ['a warm worker', ['-t', 'worker:normalize.py']],
])('%s that writes decomposed names composed costs no page: each keeps its own name', async (_, args) => {
  const pages = ['Café/ページが1.png', 'Café/ページが2.png', 'é.png'].map((name) => name.normalize('NFD'));
  const place = await Place.make({ pages, gpus: 1, script: false });
  await place.write('normalize.py', NORMALIZE);
  const run = await runToEnd({ place, args });
  expect({ code: run.code, counts: run.counts }).toMatchObject({ code: 0, counts: { translated: 3 } });
  expect(run.files).toEqual(pages);
});
