import { expect, test } from 'vitest';
import { wordsToResume } from '../../src/cli/words-to-resume.ts';

const NAME = '{stem}_t{ext}';
const NAMED = ['--output-name', NAME];

test.each<[string[], { isOverwritten?: boolean; options?: Record<string, string> }, string[]]>([
  [['run', 'in'], {}, ['run', 'in']],
  [['run', 'in', '--overwrite', 'all', '-w', '2'], { isOverwritten: true }, ['run', 'in', '-w', '2']],
  [
    ['run', 'in', '--overwrite=all', '--', '--overwrite', 'x'],
    { isOverwritten: true },
    ['run', 'in', '--', '--overwrite', 'x'],
  ],
  [['run', 'in', '--'], {}, ['run', 'in']],
  [['run', 'in', '--'], { options: { '--output-name': NAME } }, ['run', 'in', ...NAMED]],
  [['run', 'in', '--', '--'], {}, ['run', 'in', '--', '--']],
  [['run', 'in', '--', '-v'], { options: { '--output-name': NAME } }, ['run', 'in', ...NAMED, '--', '-v']],
  [
    ['run', '--output-name', '{stem}{ext}', 'in'],
    { options: { '--output-name': NAME } },
    ['run', 'in', ...NAMED],
  ],
  [
    ['run', 'in', '--link=link'],
    { options: { '--output-name': NAME, '--link': 'copy' } },
    ['run', 'in', ...NAMED, '--link', 'copy'],
  ],
  [
    ['run', '--output-name={stem}{ext}', 'in'],
    { options: { '--output-name': NAME } },
    ['run', 'in', ...NAMED],
  ],
])('%j, after %j', (argv, end, words) => {
  expect(wordsToResume(argv, { isOverwritten: false, options: {}, ...end })).toEqual(words);
});
