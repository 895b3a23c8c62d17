import { expect, test } from 'vitest';
import { demoTranslator } from '../../../src/translators/demo/demo.ts';
import type { Python } from '../../../src/translators/python.ts';
import { parseTemplate } from '../../../src/translators/script/command-template.ts';
import { ScriptTranslator } from '../../../src/translators/script/script.ts';

const BATCH = { input: '/w/in', output: '/w/out', page: 'a/1.png' };
const SLOT = { id: 'cpu-0', gpu: null };

const scriptOf = (command: string, setup: Partial<ConstructorParameters<typeof ScriptTranslator>[0]> = {}) =>
  new ScriptTranslator({
    name: 'tr',
    template: parseTemplate(command),
    args: [],
    cwd: '/',
    format: undefined,
    shape: { translator: 'command', command, args: [] },
    ...setup,
  });

test.each([
  ['of its own name', 'a/1.png', {}],
  ['with --format', 'a/1.webp', { format: 'webp' }],
  ['with --output-name', 'a/1_tr.png', { outputPattern: { before: '', after: '_tr' } }],
])('{pageOutput} is a name in the output folder %s', (_, name, setup) => {
  const script = scriptOf('tr {page} {pageOutput}', setup);
  expect(script.command(BATCH, SLOT).args).toEqual(['/w/in/a/1.png', `/w/out/${name}`]);
  expect(script.takesOnePage).toBe(true);
  expect(script.outputsOf(BATCH)).toBe('/w/out');
  // The name is given, so nothing has to be learned.
  expect(script.outputPattern).toBeDefined();
});

test('a program that takes one page gets it under its file name, unless a tree is asked for', () => {
  expect(scriptOf('tr {page} {output}').layout).toBe('folder');
  expect(scriptOf('tr {page} {output}', { layout: 'tree' }).layout).toBe('tree');
  expect(scriptOf('tr {input} {output}').layout).toBeUndefined();
});

test.each([
  ['tr {input} {output}', undefined, '/w/out', undefined],
  ['tr {input}', undefined, '/w/in-translated', undefined],
  ['tr {page}', undefined, '/w/in-translated', undefined],
  ['tr {input}', { base: 'input', rest: '/result' }, '/w/in/result', 'result'],
  ['tr {input} {output}', { base: 'input', rest: '' }, '/w/in', ''],
  ['tr {input} {output}', { base: 'output', rest: '/in' }, '/w/out/in', undefined],
] as const)('outputs of %s with %j are in %s', (command, outputsIn, folder, among) => {
  const script = scriptOf(command, { outputsIn });
  expect(script.outputsOf(BATCH)).toBe(folder);
  expect(script.outputsAmongPages).toBe(among);
});

const warnings = (format: string | undefined, command: string, ...args: string[]) =>
  new ScriptTranslator({
    name: 'tr',
    template: parseTemplate(command),
    args,
    cwd: '/',
    format,
    shape: { translator: 'command', command, args },
  }).warnings;

test.each([
  ['a bare template', 'tr {input} {output}'],
  ['a folder of that name', '/my/webp/tr {input} --config webp-files/tr.json'],
])('a format that the script is not told of gets a warning: %s', (_, command) => {
  expect(warnings('webp', command)).toEqual([
    '--format webp: tr decides its format itself, and does not get this option; use its own option for it, after --.',
  ]);
});

test.each([
  ['no format', warnings(undefined, 'tr {input} {output}')],
  ['a format in the template', warnings('webp', 'tr {input} {output} --ext=.WEBP')],
  ['a format in a shell’s words', warnings('webp', `sh -c 'tr "$0" --ext webp >log' {input}`)],
  ['a switch of that name', warnings('png', 'tr {input} {output}', '--png')],
  ['another spelling', warnings('jpg', 'tr {input} {output}', '--ext', 'jpeg')],
  ['a format after --', warnings('webp', 'tr {input} {output}', '--save-as', 'webp')],
])('%s: no warning', (_, given) => {
  expect(given).toEqual([]);
});

test("the demo, which keeps each page's own format, says so", () => {
  const demo = (format: string | undefined) =>
    demoTranslator({ python: { file: 'python3' } as Python, args: [], cwd: '/', format }).warnings;
  expect(demo('webp')).toEqual(["--format webp: demo keeps each page's own format."]);
  expect(demo(undefined)).toEqual([]);
});
