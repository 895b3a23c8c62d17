import { chmod, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { snapshot } from './process.ts';
import { Place } from './rig.ts';

/** A launcher's whole answer to bad use. */
interface Answer {
  readonly code: number;
  readonly error: string | RegExp;
  readonly hint?: string | RegExp;
}

/** Runs it, and looks that nothing was left behind. */
async function expectAnswer(
  place: Place,
  { args, env }: { readonly args: readonly string[]; readonly env?: Readonly<Record<string, string>> },
  { code, error, hint }: Answer,
): Promise<void> {
  const before = await snapshot(place.root);
  const launcher = place.start({ argv: args, ...(env && { env }) });
  const exit = await launcher.exit;
  const [first = '', second, ...rest] = launcher.stderr.replace(/\n$/, '').split('\n');
  const matching = (wanted: string | RegExp): unknown =>
    typeof wanted === 'string' ? wanted : expect.stringMatching(wanted);
  expect({ exit, first, second, rest, stdout: launcher.text }).toEqual({
    exit: code,
    first: matching(typeof error === 'string' ? `error: ${error}` : error),
    second: hint === undefined ? undefined : matching(typeof hint === 'string' ? `hint: ${hint}` : hint),
    rest: [],
    stdout: [],
  });
  expect(await snapshot(place.root)).toEqual(before);
}

const run = (...args: string[]): { args: string[] } => ({ args: ['run', 'input', ...args] });

test.each<[string[], Answer]>([
  [
    ['--output-name', '_translated{ext}'],
    {
      code: 2,
      error: /^error: --output-name.*: \{stem\}, a page's name without its suffix, is missing/,
    },
  ],
  [
    ['-t', 'demo', '--output-name', '{stem}_translated{ext}'],
    {
      code: 2,
      error: '--output-name: it is known how demo names its outputs',
      hint: 'leave it out: it is for scripts and --command, which name them as they like',
    },
  ],
  [
    ['--command', 'true {input}', '--format', 'jpg', '--output-name', '{stem}_clean.png'],
    {
      code: 2,
      error: '--output-name {stem}_clean.png: ends with .png, and --format says jpg',
      hint: 'let it end with {ext}',
    },
  ],
  [['--gpus', '0,7'], { code: 2, error: '--gpus 7: no such GPU', hint: 'there are: 0 (Fake), 1 (Fake)' }],
  [['--page-timeout', 'soon'], { code: 2, error: /^error: --page-timeout soon: .*(90s|10m)/ }],
  [
    ['--output', 'input'],
    {
      code: 2,
      error: '--output input: that is the input itself',
      hint: 'choose another folder: originals are never overwritten',
    },
  ],
  [
    ['--output', 'translate.py/below'],
    { code: 2, error: /^error: --output translate\.py\/below: \S*\/translate\.py is a file$/, hint: /./ },
  ],
  [['--output', '/proc/nowhere'], { code: 2, error: /^error: --output .*proc\/nowhere: /, hint: /./ }],
  [
    ['-t', 'missing.py'],
    {
      code: 3,
      error: '--translator missing.py: no such file',
      hint: /^hint: choose one: --translator/,
    },
  ],
  [['--python', 'python9'], { code: 3, error: '--python python9: no such program', hint: /Python 3/ }],
  [['--command', 'no-such-program {input}'], { code: 3, error: /no-such-program/, hint: /./ }],
])('run input %j', async (args, answer) => {
  const place = await Place.make();
  await expectAnswer(place, run(...args), answer);
});

test.each<[string[], Answer]>([
  [
    ['run'],
    {
      code: 2,
      error: 'no input: give the folder that holds the pages',
      hint: 'for example: mgpu-translate run ./input --gpus 0,1',
    },
  ],
  [['run', 'imput'], { code: 2, error: 'input imput does not exist', hint: 'did you mean input?' }],
  [
    ['run', 'input/*.jpg'],
    {
      code: 2,
      error: 'input input/*.jpg: nothing matches',
      hint: 'give the folder that holds the pages, or another pattern',
    },
  ],
  [
    ['run', 'input/1.png', 'translate.py'],
    {
      code: 2,
      error: /--output is required/,
      hint: 'translate.py is a program, no page: mgpu-translate run input/1.png -t translate.py',
    },
  ],
  [
    ['run', './translate.py', '-o', 'out'],
    {
      code: 2,
      error: 'no page images in the inputs; found there: 1 .py',
      hint: /translate\.py is a program, no page: mgpu-translate run \.\/input -t \S*translate\.py$/,
    },
  ],
  [
    ['run', 'input', 'out'],
    {
      code: 2,
      error: 'input out does not exist',
      hint: 'If out is where translated pages go: mgpu-translate run input -o out',
    },
  ],
])('%j', async (args, answer) => {
  await expectAnswer(await Place.make(), { args }, answer);
});

test('an input without images: what was seen there instead', async () => {
  const place = await Place.make({ pages: {} });
  await place.write('input/notes.txt', 'a');
  await place.write('input/more.txt', 'b');
  await place.write('input/chapter.rar', 'c');
  await expectAnswer(place, run(), {
    code: 2,
    error: /^error: no page images in \S*input; found there: 2 \.txt, 1 \.rar$/,
    hint: /^hint: pages end in png jpg jpeg .*; unpack chapter\.rar into a folder first \(unar chapter\.rar\)$/,
  });
});

test('an input that --include leaves empty', async () => {
  await expectAnswer(await Place.make(), run('--include', 'ch9/**'), {
    code: 2,
    error: /found there: 1 excluded by --include or --exclude$/,
    hint: /./,
  });
});

test('an output that is the input by a link', async () => {
  const place = await Place.make();
  await symlink('input', place.path('elsewhere'));
  await expectAnswer(place, run('--output', 'elsewhere'), {
    code: 2,
    error: '--output elsewhere: that is the input itself',
    hint: 'choose another folder: originals are never overwritten',
  });
});

test('no translator: three ways to name one', async () => {
  await expectAnswer(await Place.make({ script: false }), run(), {
    code: 3,
    error: /^error: no translator was found/,
    hint: /--translator .*--command .*--translator demo/,
  });
});

test('no GPU, with and without tools', async () => {
  const place = await Place.make({ gpus: 0 });
  const hint = '--gpus cpu needs none; --gpus 0,1 uses the GPUs that you name';
  await expectAnswer(place, run(), {
    code: 3,
    error: /^error: no GPU was found \(nvidia-smi: failed: /,
    hint,
  });
  await rm(place.path('bin'), { recursive: true });
  await mkdir(place.path('bin'));
  const python = await whichPython();
  await symlink(python, place.path('bin/python3'));
  await expectAnswer(
    place,
    { ...run(), env: { PATH: place.path('bin') } },
    {
      code: 3,
      error: 'no GPU was found (nvidia-smi: not installed; amd-smi: not installed; rocm-smi: not installed)',
      hint,
    },
  );
});

test('GPUs that the environment hides', async () => {
  const place = await Place.make();
  await expectAnswer(
    place,
    { ...run('--gpus', '1'), env: { CUDA_VISIBLE_DEVICES: '0' } },
    {
      code: 2,
      error: /^error: --gpus 1: CUDA_VISIBLE_DEVICES.* hides this GPU/,
      hint: 'there is: 0 (Fake)',
    },
  );
});

test('no Python', async () => {
  const place = await Place.make();
  await mkdir(place.path('empty'));
  await expectAnswer(
    place,
    { ...run('--gpus', 'cpu'), env: { PATH: place.path('empty') } },
    {
      code: 3,
      error: 'no Python was found: neither python3 nor python is on PATH',
      hint: /^hint: install Python 3, or choose one: --python/,
    },
  );
});

test('a config file and a variable with bad values', async () => {
  const place = await Place.make();
  await writeFile(place.path('mgpu-translate.config.json'), '{"page-timeout": "5m"}');
  await expectAnswer(place, run(), {
    code: 2,
    error: /page-timeout: no such option; did you mean pageTimeout\?$/,
  });
  await writeFile(place.path('mgpu-translate.config.json'), '{}');
  await expectAnswer(
    place,
    { ...run(), env: { MGPU_RETRIES: 'many' } },
    {
      code: 2,
      error: /^error: MGPU_RETRIES=many: /,
    },
  );
});

const isRoot = process.getuid?.() === 0;

test.runIf(!isRoot)('an output in a folder that nobody may write to', async () => {
  const place = await Place.make();
  await mkdir(place.path('closed'));
  await chmod(place.path('closed'), 0o555);
  await expectAnswer(place, run('--output', 'closed/out'), {
    code: 2,
    error: /^error: --output closed\/out: /,
    hint: /./,
  });
});

/** Where python3 is, links followed: a shim would look for itself on PATH. */
async function whichPython(): Promise<string> {
  const { execFileSync } = await import('node:child_process');
  return execFileSync('python3', ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' }).trim();
}
