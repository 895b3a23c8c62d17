import { expect, test } from 'vitest';
import { wordError } from '../../src/cli/word-refusal.ts';
import { redactor } from '../../src/model/redact.ts';
import { cannotRun, usageError } from '../../src/model/refusal.ts';
import { PLAIN_PAINT } from '../../src/report/colours.ts';

const word = (error: unknown, debug = false) => wordError(error, { paint: PLAIN_PAINT, debug });

test('words a refusal with its hint and nothing else', () => {
  expect(word(cannotRun('no GPU', 'use --gpus cpu'))).toEqual({
    text: 'error: no GPU\nhint: use --gpus cpu\n',
    exitCode: 3,
  });
});

test("keeps the lines of a child's last words and escapes all controls", () => {
  expect(word(cannotRun('it said', 'look', ['one', '\u001b[2Jtwo\nthree'])).text).toBe(
    'error: it said\n  | one\n  | \\x1b[2Jtwo\\nthree\nhint: look\n',
  );
});

test('a name with line ends and marks forges no line of its own', () => {
  const name = 'a\nhint: run me\r\u202e\u2028error: no';
  const { text } = word(usageError(`input ${name} does not exist`, `did you mean ${name}?`));
  expect(text.split('\n')).toHaveLength(3);
  expect(text).toBe(
    'error: input a\\nhint: run me\\r\\u202e\\u2028error: no does not exist\n' +
      'hint: did you mean a\\nhint: run me\\r\\u202e\\u2028error: no?\n',
  );
});

test('takes secrets out of a refusal, a bug and its stack, and leaves what Node adds to an error', () => {
  const redact = redactor({ API_KEY: 'hunter2-hunter2' });
  const bug = Object.assign(new Error('spawn x hunter2-hunter2'), { spawnargs: ['hunter2-hunter2'] });
  for (const error of [
    cannotRun('no hunter2-hunter2', 'hunter2-hunter2', ['hunter2-hunter2']),
    bug,
    `${bug}`,
  ]) {
    const { text } = wordError(error, { paint: PLAIN_PAINT, debug: true, redact });
    expect(text).toContain('[redacted]');
    expect(text).not.toContain('hunter2');
    expect(text).not.toContain('spawnargs');
  }
});

test('no more files is no bug, wherever it comes up', () => {
  const thread = Object.assign(new Error('Worker initialization failure: EMFILE'), {
    code: 'ERR_WORKER_INIT_FAILED',
  });
  for (const error of [thread, Object.assign(new Error('spawn x EMFILE'), { code: 'EMFILE' })]) {
    const { text, exitCode } = word(error);
    expect(exitCode).toBe(3);
    expect(text).toMatch(/^error: too many open files: ulimit -n is \d+\nhint: raise it \(ulimit -n 4096\)/);
  }
  expect(word(Object.assign(new Error('x'), { code: 'ENFILE' })).text).toContain('fs.file-max');
});

test('words a bug in one line, its stack only where it is asked for', () => {
  const bug = new TypeError('x is\nundefined');
  expect(word(bug).text).toMatch(
    /^error: this is a bug in mgpu-translate: TypeError: x is\\nundefined\nhint: .*MGPU_DEBUG=1.*\n$/,
  );
  expect(word(bug).text).not.toContain('word-refusal.test.ts');
  expect(word(bug, true).text).toContain('word-refusal.test.ts');
  expect(word('thrown text').exitCode).toBe(3);
});
