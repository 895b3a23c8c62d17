import { expect, test } from 'vitest';
import { parseTemplate } from '../../../src/translators/script/command-template.ts';
import { complaintOf } from '../../../src/translators/script/complaint.ts';
import { ScriptTranslator } from '../../../src/translators/script/script.ts';

const BATCH = { input: '/w/1/in', output: '/w/1/out' };

const translator = (...args: string[]) =>
  new ScriptTranslator({
    name: 'tr.py',
    template: parseTemplate('python3 /s/tr.py --input {input} --output {output}'),
    args,
    cwd: '/s',
    format: undefined,
    shape: { translator: 'script', script: '/s/tr.py', args },
  });

const USAGE = 'usage: tr.py [-h] [--out OUT] [--verbose] [--lang {JPN,ENG}]';

test.each<[lines: string[], complaint: string | RegExp, ...args: string[]]>([
  [
    [`${USAGE} folder`, 'tr.py: error: unrecognized arguments: --input --output /w/1/out'],
    "tr.py does not take --input and --output: start it in its own form: --command 'python3 tr.py {input} --out {output}'",
  ],
  [
    ['usage: tr.py [-h] in_dir out_dir', 'tr.py: error: unrecognized arguments: --input --output'],
    /: --command 'python3 tr\.py \{input\} \{output\}'$/,
  ],
  [
    [
      'usage: tr.py [-h] [-i INPUT_DIR]',
      '             [--save-dir DIR]',
      'tr.py: error: unrecognized arguments: --output',
    ],
    /: --command 'python3 tr\.py -i \{input\} --save-dir \{output\}'$/,
  ],
  [
    [`${USAGE} folder`, 'tr.py: error: the following arguments are required: folder'],
    /^tr\.py needs folder: .*tr\.py \{input\} --out \{output\}'$/,
  ],
  [
    ['usage: tr.py [-h] --lang LANG src', 'tr.py: error: the following arguments are required: --lang, src'],
    /^tr\.py needs --lang, src: .*tr\.py \{input\} --lang LANG'$/,
  ],
  [
    ['Usage: tr.py [OPTIONS] FOLDER', "Try 'tr.py --help' for help.", "Error: Missing argument 'FOLDER'."],
    /^tr\.py needs FOLDER: .*tr\.py \{input\}'$/,
  ],
  [
    ['Usage: tr.py [OPTIONS]', '', "Error: Missing option '--dest'."],
    /^tr\.py needs --dest: .* --dest \{output\}'$/,
  ],
  [
    ['Usage: tr.py [OPTIONS] SRC DST', 'Error: No such option: --input Did you mean --output?'],
    /^tr\.py does not take --input: .*tr\.py \{input\} \{output\}'$/,
  ],
  [
    ['tr.py: error: ambiguous option: --output could match --output-name, --output-dir'],
    "tr.py has no --output, but options that begin so; if --output-name is meant: --command 'python3 tr.py --input {input} --output-name {output}'",
  ],
  [
    [`${USAGE} folder`, 'tr.py: error: unrecognized arguments: --fast'],
    'tr.py does not take --fast, which is after --: leave it out',
    '--fast',
  ],
  [
    ["FileNotFoundError: [Errno 2] No such file or directory: '--input'"],
    /^tr\.py takes its folders by their place: .*tr\.py \{input\} \{output\}'$/,
  ],
  [
    ['    _, src, dst = sys.argv', 'ValueError: too many values to unpack (expected 3, got 5)'],
    /^tr\.py takes its folders by their place: .*tr\.py \{input\} \{output\}'$/,
  ],
  [
    ['usage: python3 tr.py <input folder> output-folder [lang]'],
    "tr.py only said how it is started: start it in its own form: --command 'python3 tr.py {input} {output}'",
  ],
  [
    ["FileExistsError: [Errno 17] File exists: '/w/1/out'"],
    /^tr\.py makes its output folder itself, and it exists already: .* --output \{input\}-translated'$/,
  ],
  [
    ["FileNotFoundError: [Errno 2] No such file or directory: '/w/1/out/ch1/001.png'"],
    /^tr\.py saves into a folder that it has not made: os\.makedirs/,
  ],
  [
    ["ModuleNotFoundError: No module named 'mgpu_worker'"],
    'tr.py is a warm worker: write --translator worker:tr.py',
  ],
])('of %j it says what to type', async (lines, complaint, ...args) => {
  const found = await translator(...args).complaint(BATCH, lines);
  expect(found?.text).toEqual(typeof complaint === 'string' ? complaint : expect.stringMatching(complaint));
});

test.each([
  "FileNotFoundError: [Errno 2] No such file or directory: 'models/config.json'",
  "FileExistsError: [Errno 17] File exists: '/home/me/cache'",
  "ModuleNotFoundError: No module named 'torch'",
  'ValueError: unknown option for the model: beam',
  'loading',
])('of "%s" it knows no better form', async (line) => {
  expect(await translator().complaint(BATCH, [line])).toBeUndefined();
});

const goesOn = (...lines: string[]): boolean => translator().afterRefusal(2, lines) !== undefined;

test('a script that refuses --output alone is started without it', () => {
  expect(goesOn('tr.py: error: unrecognized arguments: --output /w/1/out')).toBe(true);
  expect(goesOn("Error: No such option '--output'.")).toBe(true);
});

test.each([
  'tr.py: error: unrecognized arguments: --output-name x',
  'tr.py: error: unrecognized arguments: --fast (did you mean --output?)',
  'tr.py: error: unrecognized arguments: --input --output /w/1/out',
  'tr.py: error: ambiguous option: --output could match --output-name, --output-dir',
])('"%s" is no refusal of --output alone', (line) => {
  expect(goesOn(line)).toBe(false);
});

test.each([
  ['usage: one.py [-h] [--image IMAGE] [--save SAVE]', "one.py --image {page} --save {pageOutput}'"],
  ['usage: one.py [-h] src dst', "one.py {page} {pageOutput}'"],
])('a program for one page gets a form for one page: %s', async (usage, form) => {
  const one = new ScriptTranslator({
    name: 'one.py',
    template: parseTemplate('python3 one.py --in {page} --out {pageOutput}'),
    args: [],
    cwd: '/s',
    format: undefined,
    shape: { translator: 'command', command: '', args: [] },
  });
  const lines = [usage, 'one.py: error: unrecognized arguments: --in --out /w/1/out/1.png'];
  expect((await one.complaint(BATCH, lines))?.text).toBe(
    `one.py does not take --in and --out: start it in its own form: --command 'python3 ${form}`,
  );
});

const bySource = (command: string, source: string): string | undefined => {
  const { words } = parseTemplate(command);
  const script = words.find((word) => word.endsWith('.py'));
  return complaintOf(['done'], { name: 'tr.py', words, args: [], output: '/w/1/out', script, source })?.text;
};
const WITH_OPTIONS = 'python3 tr.py --input {input} --output {output}';

test.each([
  [WITH_OPTIONS, 'for f in glob(sys.argv[1] + "/*"): save(f, sys.argv[2])', '{input} {output}'],
  [WITH_OPTIONS, 'src, dst = sys.argv[1:3]\n', '{input} {output}'],
  [WITH_OPTIONS, '_, src, dst = sys.argv\n', '{input} {output}'],
  [WITH_OPTIONS, 'folder = sys.argv[1]', '{input}'],
  ['python3 tr.py {input}', 'src, dst = sys.argv[1], sys.argv[2]', '{input} {output}'],
  ['python3 tr.py --page {page} {pageOutput}', 'one(argv[1], argv[2])', '{page} {pageOutput}'],
])('%s that made nothing, of a script with %j: tr.py %s', (command, source, form) => {
  expect(bySource(command, source)).toMatch(`--command 'python3 tr.py ${form}'`);
});

test.each([
  [WITH_OPTIONS, 'import sys\n'],
  [WITH_OPTIONS, 'import argparse\nprint(sys.argv[0], sys.argv[1])'],
  [WITH_OPTIONS, 'args = dict(zip(sys.argv[1::2], sys.argv[2::2])); args["--input"], args["--output"]'],
  ['python3 tr.py {input} {output}', 'src, dst = sys.argv[1:3]'],
  ['python3 tr.py {input} {output}', 'src, dst, lang = sys.argv[1:4]'],
  ['python3 tr.py {input} --fast', 'sys.argv[1], sys.argv[2]'],
])('%s that made nothing, of a script with %j: nothing to say', (command, source) => {
  expect(bySource(command, source)).toBeUndefined();
});
