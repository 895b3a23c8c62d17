import { expect, test } from 'vitest';
import { finishCommand, finishCommandProblem } from '../../src/report/finish-command.ts';

const RUN = {
  exitCode: 1,
  counts: { translated: 7, 'no-text': 2, untranslated: 0, failed: 3, skipped: 4, left: 5 },
  seconds: 12.5,
  paths: { output: '/out {left} "x" $(y)', logs: '', ledger: '' },
};

test('words are split as by a shell, and what a run did is put in, in one pass', () => {
  const text = `sh -c 'echo "$@"' sh {exitCode}/{translated} "{failed} {left}" {output} {seconds} \${left} {"a":{failed}}`;
  expect(finishCommand(text, RUN)).toEqual([
    'sh',
    '-c',
    'echo "$@"',
    'sh',
    '1/7',
    '3 5',
    '/out {left} "x" $(y)',
    '12.5',
    '$5',
    '{a:3}',
  ]);
});

test('a run that never started has no paths', () => {
  const { paths: _, ...run } = RUN;
  expect(finishCommand('tell "{output}"', run)).toEqual(['tell', '']);
  expect(finishCommand('tell {output}', { ...run, output: '/out' })).toEqual(['tell', '/out']);
});

test.each([
  ['curl {exitcode}', /\{exitcode\} is not a placeholder; did you mean \{exitCode\}\?.*\{seconds\}/],
  ['curl {input}', /\{input\} is not a placeholder/],
  ["curl 'x", /quote \('\) is not closed/],
  [' ', /no program/],
])('%s is refused', (text, problem) => {
  expect(finishCommandProblem(text)).toMatch(problem);
});
