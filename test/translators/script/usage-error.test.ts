import { expect, test } from 'vitest';
import { isUsageError } from '../../../src/translators/script/usage-error.ts';

const isOwn = (lines: readonly string[], command: string, source?: string): boolean =>
  isUsageError(lines, { words: command.split(' '), source }, (line) => line.includes('unrecognized'));
const byProgram = (name: string): string => `${name}: error: unrecognized arguments: -x`;

test.each([
  ['tr.py', 'python3 -u /s/tr.py {input}'],
  ['manga-tr', '/opt/bin/manga-tr {input}'],
  ['__main__.py', 'python3 -m manga.cli {input}'],
  ['cli.py', 'python3 -m manga.cli {input}'],
  ['python3', 'python3 -m manga.cli {input}'],
])('%s speaks for itself in `%s`', (name, command) => {
  expect(isOwn([byProgram(name)], command)).toBe(true);
});

test('a name that the source gives the program is its own, and no tool that it starts', () => {
  expect(isOwn([byProgram('nice')], 'python3 tr.py', "ArgumentParser(prog='nice')")).toBe(true);
  expect(isOwn([byProgram('nice')], 'python3 tr.py', "run(['nice', '-x'])")).toBe(false);
});

test('help may follow, and nothing else', () => {
  const said = byProgram('tr.py');
  expect(isOwn([said, "Try 'tr.py --help'.", '', '  -i FOLDER'], 'tr.py')).toBe(true);
  expect(isOwn([said, 'loading the model', 'RuntimeError: it is locked'], 'tr.py')).toBe(false);
});
