import { chmod, readdir, readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { png, translatedByFake } from '../fixtures/images.ts';
import { runToEnd } from './accounts.ts';
import { Place } from './rig.ts';

const PAGES = ['1.png', 'ch 2/2.png'];

test('translate.py in the current folder, started as the seed has it', async () => {
  const argv = [
    'run',
    './input',
    '--gpus',
    '0,1',
    '--json',
    '--',
    '--lang',
    'en us',
    '--{input}',
    '--',
    '$HOME',
  ];
  const run = await runToEnd({ pages: PAGES, argv });
  const [child] = run.place.fakes.of('start');
  expect(child?.argv).toEqual([
    '--input',
    expect.stringMatching(/\/\.mgpu\/work\.[^/]+\/gpu[01]-0\/1\/in$/),
    '--output',
    expect.stringMatching(/\/\.mgpu\/work\.[^/]+\/gpu[01]-0\/1\/out$/),
    ...['--lang', 'en us', '--{input}', '--', '$HOME'],
  ]);
  expect(child?.cwd).toBe(run.place.root);
  expect(run.files).toEqual(['1.png', 'ch 2/2.png']);
  expect(run.code).toBe(0);
});

test('a --command is split as a shell would and filled in once, without a shell', async () => {
  const place = await Place.make({ pages: PAGES, script: false });
  await place.copyFake('my fake.py');
  const command = `python3 "my fake.py" --input={input} '--output' {output} --gpu {gpu} "two words; $HOME" '' --s={slot}`;
  const run = await runToEnd({ place, args: ['--command', command, '-g', '1', '--', 'last'] });
  const [child] = place.fakes.of('start');
  expect(child?.argv?.[0]).toMatch(/^--input=\/.*\/in$/);
  expect(child?.argv?.slice(3)).toEqual(['--gpu', '1', 'two words; $HOME', '', '--s=gpu1-0', 'last']);
  expect(run.counts.translated).toBe(2);
});

test('braces, spaces and quotes in the paths themselves reach the program as they are', async () => {
  const place = await Place.make({ script: false });
  await place.copyFake('fake.py');
  const output = `out {output} {gpu} "it's" $HOME`;
  const command = 'python3 fake.py --input {input} --output {output}';
  const run = await runToEnd({ place, args: ['--command', command, '-o', output], output });
  expect(run.files).toEqual(['1.png']);
});

test('a template without {output}: outputs are taken from beside the input', async () => {
  const args = ['--command', 'python3 translate.py --input {input}'];
  const run = await runToEnd({ pages: PAGES, args });
  expect(run.counts.translated).toBe(2);
  expect(run.files).toEqual(PAGES);
});

test('a script that refuses --output is started again without it, with one line about it', async () => {
  const run = await runToEnd({ pages: PAGES, env: { FAKE_NO_OUTPUT_FLAG: '1' } });
  expect(run.counts.translated).toBe(2);
  const notices = run.launcher.of('notice').filter(({ text }) => text.includes('--output'));
  expect(notices).toHaveLength(1);
  expect(run.launcher.of('gpu-benched')).toEqual([]);
  expect(run.launcher.of('page-retried')).toEqual([]);
});

test('a run of one page after another without --output: the refusal is met once, and by no later run', async () => {
  const place = await Place.make({ pages: ['a.png', 'a.webp', 'a.jpg'], gpus: 1 });
  const env = { FAKE_NO_OUTPUT_FLAG: '1' };
  const run = await runToEnd({ place, env });
  expect(run.counts.translated).toBe(3);
  expect(run.launcher.of('worker-started')).toHaveLength(4);
  const again = await runToEnd({ place, args: ['--overwrite', 'all'], env });
  expect(again.counts.translated).toBe(3);
  expect(again.launcher.of('worker-started')).toHaveLength(3);
});

test('exit codes are shown and never believed', async () => {
  const bad = await runToEnd({ pages: PAGES, gpus: 1, env: { FAKE_EXIT_CODE: '7' } });
  expect(bad.counts.translated).toBe(2);
  expect(bad.code).toBe(0);
  expect(bad.launcher.of('worker-exited')).toMatchObject([{ exitCode: 7, pages: 2 }]);
});

test('--format: outputs under another suffix', async () => {
  const args = ['--format', 'webp'];
  const run = await runToEnd({ pages: ['1.png', '2.jpg'], args, env: { FAKE_FORMAT: 'webp' } });
  expect(run.files).toEqual(['1.webp', '2.webp']);
});

test('--format: one warning that a script decides itself, as its outputs then show', async () => {
  const run = await runToEnd({ pages: PAGES, args: ['--format', 'webp'] });
  expect(run.files).toEqual(PAGES);
  expect(run.launcher.of('notice')).toMatchObject([
    { level: 'warn', text: expect.stringMatching(/^--format webp: translate\.py decides its format itself/) },
  ]);
});

test.each([
  ['no translator', ['run', 'input'], /translate\.py/],
  ['a script that is not there', ['run', 'input', '-t', 'nowhere.py'], /nowhere\.py/],
  ['a Python that is not there', ['run', 'input', '-t', 'own.py', '--python', '/no/python3'], /no\/python3/],
])('%s: exit 3, one line and what to do, nothing left behind', async (_, argv, says) => {
  const place = await Place.make({ script: false });
  await place.write('own.py', '');
  const before = await readdir(place.root);
  const launcher = place.start({ argv });
  expect(await launcher.exit).toBe(3);
  expect(launcher.stderr).toMatch(says);
  expect(launcher.stderr.trim().split('\n').length).toBeLessThanOrEqual(3);
  expect(await readdir(place.root)).toEqual(before);
});

test.each(['/no/such/program', './translate.py.txt'])(
  'a program that is not there, or may not be executed (%s): exit 3, nothing left behind',
  async (program) => {
    const place = await Place.make({ pages: PAGES });
    await place.write('translate.py.txt', '#!/bin/sh\n');
    const before = await readdir(place.root);
    const launcher = place.start({ args: ['--command', `${program} {input} {output}`] });
    expect(await launcher.exit).toBe(3);
    expect(launcher.stderr).toContain(`--command: ${program} does not exist or is not executable`);
    expect(await readdir(place.root)).toEqual(before);
  },
);

test('a program that turns out not to run when it is started: exit 3, no page has failed', async () => {
  const place = await Place.make({ pages: PAGES });
  await place.write('broken', '#!/dev/null\n');
  await chmod(place.path('broken'), 0o755);
  const run = await runToEnd({ place, args: ['--command', './broken {input} {output}'] });
  expect(run.code).toBe(3);
  expect(run.counts).toMatchObject({ failed: 0, left: 2 });
  expect(run.launcher.of('run-finished')[0]?.message).toContain('broken');
});

test('the plain reporter says in words what failed and where the logs are', async () => {
  const place = await Place.make({ pages: ['1.png', '2-exit1.png'] });
  const launcher = place.start({ argv: ['run', 'input', '--reporter', 'plain', '--retries', '0'] });
  expect(await launcher.exit).toBe(1);
  const said = launcher.text.join('\n');
  expect(said).toMatch(/2-exit1\.png.*ValueError: this page is too much for me/);
  expect(said).toMatch(/input-translated\/\.mgpu\/runs\/.*\/logs/);
  expect(await readFile(place.path('input-translated/1.png'))).toEqual(
    translatedByFake(await readFile(place.path('input/1.png'))),
  );
});

test('a suffix that promises another format than the output has is told of once, and nothing is renamed', async () => {
  const content = png(8, 8);
  const run = await runToEnd({ pages: { 'a.jpg': content, 'b.jpg': content } });
  expect(run.code).toBe(0);
  const warnings = run.launcher.of('notice').filter(({ text }) => text.includes('contains png, not jpeg'));
  expect(warnings).toHaveLength(1);
});
