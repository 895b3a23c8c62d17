import { expect, test } from 'vitest';
import { runProgram } from '../../src/cli/program.ts';
import type { GivenArguments } from '../../src/options/find-values.ts';
import { refusalOf } from '../options/refusal-of.ts';

const start = async (...argv: string[]) => {
  const said = { out: '', err: '' };
  const ran: unknown[] = [];
  const record = (command: string) => async (given: unknown) => {
    ran.push({ command, given });
    return 7;
  };
  const exitCode = await runProgram(argv, {
    version: '1.2.3',
    writeOut: (text) => {
      said.out += text;
    },
    writeErr: (text) => {
      said.err += text;
    },
    actions: {
      run: record('run'),
      demo: record('demo'),
      plan: record('plan'),
      gpus: record('gpus'),
      report: record('report'),
      completion: record('completion'),
    },
  });
  return { ...said, exitCode, ran: ran[0] as { command: string; given: GivenArguments } | undefined };
};

test('hands a command its inputs and flags, and gives its exit code', async () => {
  const { ran, exitCode } = await start(
    'run',
    'a',
    '-g0,1',
    'b',
    '--include',
    'x',
    '--include=y',
    '-0',
    '-q',
  );
  expect(exitCode).toBe(7);
  expect(ran).toEqual({
    command: 'run',
    given: {
      inputs: ['a', 'b'],
      flags: { gpus: '0,1', include: ['x', 'y'], nulSeparated: true, quiet: true },
      translatorArgs: undefined,
    },
  });
});

test('everything after -- is left alone, also what looks like ours', async () => {
  const behind = ['--output', 'x', '-V', '--help', '--', '', '-g'];
  const { ran } = await start('run', 'a', '-o', 'out', '--', ...behind);
  expect(ran?.given).toEqual({ inputs: ['a'], flags: { output: 'out' }, translatorArgs: behind });
  expect((await start('run', 'a', '--')).ran?.given.translatorArgs).toEqual([]);
});

test('takes values that begin with a dash', async () => {
  const { ran } = await start('run', '--files-from', '-', '--max-time', '-5m');
  expect(ran?.given.flags).toEqual({ filesFrom: '-', maxTime: '-5m' });
});

test.each([
  [['run', 'x', '--gpsu', '0'], '--gpsu: no such option of run; did you mean --gpus?'],
  [['run', 'x', '--retires=3'], '--retires: no such option of run; did you mean --retries?'],
  [['run', 'x', '--output'], '--output: its value is missing'],
  [['run', 'x', '-w'], '--workers-per-gpu: its value is missing'],
  [['run', 'x', '-o', '-w', '2'], '--output: its value is missing (it is followed by -w)'],
  [['run', 'x', '--output', '--gpus', '0'], '--output: its value is missing (it is followed by --gpus)'],
  [['run', 'x', '--lang', 'JPN'], '--lang: no such option of run'],
  [['rum', 'x'], 'rum: no such command; did you mean run?'],
  [['./input'], './input: no such command (run, demo, plan, gpus, report, completion)'],
  [['doctor'], 'doctor: no such command (run, demo, plan, gpus, report, completion)'],
  [['--gpus', '0', 'run', 'x'], '--gpus: options go after a command'],
  [['gpus', 'extra'], 'gpus: too many arguments'],
  [['demo', 'a', 'b'], 'demo: too many arguments'],
  [['report'], 'report: its <output> is missing'],
  [
    ['report', 'x', '--format', 'jnit'],
    '--format jnit: no such format; did you mean junit? (text, json, csv, junit, html)',
  ],
  [
    ['report', 'x', '--format', 'csv', '--json'],
    "--json and --format csv can't be combined: use one of them",
  ],
  [['completion', 'bsh'], 'completion bsh: no such shell; did you mean bash? (bash, zsh, fish)'],
])('refuses %j in one clear line', async (argv, line) => {
  const refusal = await refusalOf(() => start(...argv));
  expect(refusal.message).toBe(line);
  expect(refusal.exitCode).toBe(2);
});

test('tells who leaves the command out what to write', async () => {
  expect((await refusalOf(() => start('./input', '--gpus', '0'))).hint).toContain('run ./input --gpus 0');
  expect((await refusalOf(() => start('--gpus', '0', 'run', 'x'))).hint).toContain('run --gpus 0 x');
});

test.each([
  [['rnu', './input'], 'mgpu-translate run ./input'],
  [['rnu', 'my pages', '--', '-v'], "mgpu-translate run 'my pages' -- -v"],
  [['resume', 'in', '-o', 'out', '--'], /^run resumes by itself.*: mgpu-translate run in -o out --$/],
  [['dry-run', 'in'], 'mgpu-translate plan in'],
  [['translate', './in'], 'to translate it: mgpu-translate run ./in'],
  [['status', 'out'], 'mgpu-translate report out'],
  [['./tr.py', 'in'], 'to translate with this script: mgpu-translate run in -t ./tr.py'],
  [
    ['run', 'in', '--retry', '3'],
    /^mgpu-translate run in --retries 3 \(options of the translator go after --\)$/,
  ],
  [['run', 'in', '--retry=3'], /run in --retries 3 \(/],
  [['run', 'in', '--gpu', '0', '--', '-x', 'a b'], /^mgpu-translate run in --gpus 0 -- -x 'a b' \(/],
  [['run', 'in', '--dry-run'], /^plan shows what run would do: mgpu-translate plan in \(/],
  [['plan', 'in', '--dry-run'], /^plan does that anyway: mgpu-translate plan in \(/],
  [['run', 'in', '--resume'], /^run resumes by itself.*: mgpu-translate run in \(/],
  [['run', '--input', 'in'], /^inputs need no flag: mgpu-translate run in \(/],
  [['run', '--input=in'], /^inputs need no flag: mgpu-translate run in \(/],
  [['run', 'in', '-j', '2'], /run in --workers-per-gpu 2 \(/],
  [['run', 'in', '--cpu'], /run in --gpus cpu \(/],
  [['run', 'in', '--force'], /run in --overwrite all \(/],
  [['run', 'in', '--workers-per-gpu'], /^write --workers-per-gpu <number>: .*\(default: 1\)$/],
  [['run', 'in', '-o', '--gpus', '0'], /^write --output <folder>: where translated pages go/],
  [['run', 'in', '--lang', 'JPN'], /^options of the translator go after --: .* -- --lang JPN$/],
  [['report', 'out', '--dry-run'], 'see mgpu-translate report --help'],
  [['report', 'out', '--fromat', 'csv'], 'mgpu-translate report out --format csv'],
  [['rnu', ...Array.from({ length: 200 }, (_none, at) => `${at}.png`)], 'see mgpu-translate --help'],
])('tells after %j what to type', async (argv, hint) => {
  const refusal = await refusalOf(() => start(...argv));
  expect(refusal.hint).toEqual(typeof hint === 'string' ? hint : expect.stringMatching(hint));
});

test('help has groups, defaults and examples, and no option of later versions', async () => {
  const { out, exitCode, ran } = await start('run', '--help');
  expect({ exitCode, ran }).toEqual({ exitCode: 0, ran: undefined });
  for (const part of [
    '\nPages:\n',
    '\nGPUs and workers:\n',
    '\nFailures and limits:\n',
    '-s, --strategy <name>',
    '(default: auto)',
    '(default: 30m)',
    'Everything after -- is passed to the translator unchanged.',
    'mgpu-translate run ./input --gpus 0,1',
  ])
    expect(out).toContain(part);
  expect(out).not.toMatch(/--translator-args|undefined/);
});

test('the program tells its version, its commands with an action, and that one is needed', async () => {
  expect(await start('--version')).toMatchObject({ out: '1.2.3\n', exitCode: 0 });
  expect((await start('--help')).out).toMatch(/run .*translate pages on every GPU/);
  expect((await start('--help')).out).not.toContain('doctor');
  expect(await start()).toMatchObject({ out: '', exitCode: 2, err: expect.stringContaining('Usage:') });
});

test('demo gets its folder, or none', async () => {
  expect((await start('demo', 'here')).ran?.given).toEqual({ folder: 'here' });
  expect((await start('demo')).ran?.given).toEqual({ folder: undefined });
});

test('report takes a file and, for HTML, how many pages to embed', async () => {
  expect(
    (await start('report', 'o', '--format', 'html', '--file', 'r.html', '--embed', '20')).ran?.given,
  ).toEqual({ output: 'o', format: 'html', file: 'r.html', embed: 20 });
  const refused = await Promise.all([
    refusalOf(() => start('report', 'o', '--format', 'csv', '--embed', '2')),
    refusalOf(() => start('report', 'o', '--format', 'html', '--embed', '-1')),
    refusalOf(() => start('report', 'o', '--format', 'html', '--file', '')),
  ]);
  expect(refused.map(({ lines }) => lines.join(': '))).toEqual([
    '--embed is for HTML reports: add --format html',
    expect.stringMatching(/^--embed -1: must be a whole number/),
    expect.stringMatching(/^--file/),
  ]);
});

test('report gets its format from either flag', async () => {
  expect((await start('report', 'o', '--json')).ran?.given).toEqual({ output: 'o', format: 'json' });
  expect((await start('report', 'o', '--format', 'csv')).ran?.given).toEqual({ output: 'o', format: 'csv' });
  expect((await start('report', 'o')).ran?.given).toEqual({ output: 'o', format: 'text' });
});
