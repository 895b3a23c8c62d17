import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { redactor } from '../../src/model/redact.ts';
import { redactorFor } from '../../src/run/run-redactor.ts';
import { processorMs } from '../fixtures/processor-ms.ts';

const env = {
  OPENAI_API_KEY: 'sk-abc.123+x',
  OPENAI_API_KEY_2: 'sk-abc.123+xyz',
  HF_TOKEN: 'hf_secret',
  DB_PASSWORD: 'a$b^(c',
  SHORT_KEY: '1',
  GIT_AUTHOR_NAME: 'Some Body',
  TOKENIZERS_PARALLELISM: 'parallel',
  HOME: '/home/user',
};

const nowhere = { env: {}, cwd: '/proc' };

test.each([
  ['Bearer sk-abc.123+x!', 'Bearer [redacted]!'],
  ['sk-abc.123+xyz sk-abc.123+x', '[redacted] [redacted]'],
  ['sk-abcX123+x stays', 'sk-abcX123+x stays'],
  ['a$b^(c', '[redacted]'],
  ['1 page by Some Body, parallel, /home/user', '1 page by Some Body, parallel, /home/user'],
  ['GET https://user:p@ss@host/x failed', 'GET https://[redacted]@host/x failed'],
  ['http://host:8080/@a and b:c@d', 'http://host:8080/@a and b:c@d'],
  ['POST https://host/v1?key=AIza1&x=2', 'POST https://host/v1?key=[redacted]&x=2'],
])('%s', (text, expected) => {
  expect(redactor(env).text(text)).toBe(expected);
});

test('knows the values of secret flags wherever they turn up', () => {
  const args = ['--api-key', 'my-secret', '--token=other-secret', '--use-auth', '--verbose'];
  const { text } = redactor({}, { args });
  expect(text('my-secret other-secret --verbose')).toBe('[redacted] [redacted] --verbose');
});

test('knows the secrets of a command template, and cleans the arguments that hold it', async () => {
  const command = 'tr --api-key "my secret" --token=other-one {input}';
  const redact = await redactorFor({ translatorArgs: ['--password', 'third-one'], command }, nowhere);
  expect(redact.text('my secret, other-one, third-one')).toBe('[redacted], [redacted], [redacted]');
  expect(redact.options(['run', '--command', command, '--', '--api-key', "it's"])).toEqual([
    'run',
    '--command',
    'tr --api-key [redacted] --token=[redacted] {input}',
    '--',
    '--api-key',
    '[redacted]',
  ]);
  expect(redact.options(['--command=tr --api-key x1 {input}'])).toEqual([
    '--command=tr --api-key [redacted] {input}',
  ]);
});

test('cleans options and keeps the rest as it was', () => {
  const options = {
    translatorArgs: ['--api-key', 'x1', '--token=y1', '--lang', 'ENG', '--gpt-config', 'https://a:b@c/'],
    command: 'run --api-key abc {input} --lang ENG',
    retries: 2,
    part: { index: 1, of: 2 },
    apiKey: 'z',
    nothing: undefined,
    path: '/pages/hf_secret',
  };
  expect(redactor(env, { args: options.translatorArgs }).options(options)).toEqual({
    ...options,
    translatorArgs: [
      '--api-key',
      '[redacted]',
      '--token=[redacted]',
      '--lang',
      'ENG',
      '--gpt-config',
      'https://[redacted]@c/',
    ],
    command: 'run --api-key [redacted] {input} --lang ENG',
    apiKey: '[redacted]',
    path: '/pages/[redacted]',
  });
});

test('finds the lines of a key that has many', () => {
  const { text } = redactor({ SSH_KEY: '-----BEGIN KEY-----\nMIIabcdef\n-----END KEY-----\n' });
  expect(text('> MIIabcdef')).toBe('> [redacted]');
});

test('has no trouble with a long line', () => {
  const long = `${'a'.repeat(5_000_000)}://${'b:'.repeat(100_000)}`;
  expect(processorMs(() => expect(redactor(env).text(long)).toBe(long))).toBeLessThan(2000);
});

test('knows a secret that a command sets for its program', async () => {
  const { text } = await redactorFor(
    { translatorArgs: [], command: 'env API_KEY=hunter2hunter2 program {input}' },
    nowhere,
  );
  expect(text('program got hunter2hunter2')).toBe('program got [redacted]');
});

test('knows the secrets in headers and in JSON among the arguments wherever they turn up', () => {
  const args = [
    ...['-H', 'Authorization: Bearer bearer-value'],
    ...['-H', 'X-Api-Key: two words'],
    ...['--config', '{"a":{"keys":["first-of-two","second-of-two"]},"model":"some-model"}'],
    '--json={\\"token\\":\\"escaped-token\\"}',
    'translate --api-key in-a-template --lang ENG',
  ];
  const { text, options } = redactor({}, { args });
  const said = 'bearer-value|two words|first-of-two|second-of-two|some-model|escaped-token|in-a-template';
  expect(text(said)).toBe('[redacted]|[redacted]|[redacted]|[redacted]|some-model|[redacted]|[redacted]');
  expect(options(args)).toEqual([
    ...['-H', 'Authorization: Bearer [redacted]', '-H', 'X-Api-Key: [redacted]'],
    ...['--config', '{"a":{"keys":["[redacted]","[redacted]"]},"model":"some-model"}'],
    '--json={\\"token\\":\\"[redacted]\\"}',
    'translate --api-key [redacted] --lang ENG',
  ]);
});

test('knows a secret in its JSON and URL forms, too', () => {
  const { text } = redactor({ DB_PASSWORD: 'a"b/c d' });
  expect(text('{"x":"a\\"b/c d"} ?x=a%22b%2Fc%20d')).toBe('{"x":"[redacted]"} ?x=[redacted]');
});

test('takes the secrets of the .env files of the current folder and of the translator', async () => {
  const root = await mkdtemp(path.join(tmpdir(), 'mgpu-redact-'));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  for (const folder of ['cwd', 'checkout', 'elsewhere']) {
    await mkdir(path.join(root, folder));
    await writeFile(path.join(root, folder, '.env'), `API_KEY=key-of-${folder}\nMODEL=model-of-${folder}\n`);
  }
  const { text } = await redactorFor(
    { translatorArgs: [], translator: '../checkout' },
    { env: {}, cwd: path.join(root, 'cwd'), programFolders: [path.join(root, 'elsewhere')] },
  );
  expect(text('key-of-cwd key-of-checkout key-of-elsewhere model-of-cwd')).toBe(
    '[redacted] [redacted] [redacted] model-of-cwd',
  );
});

test.each([
  ['api_key\u001b[0m=\u001b[32mhunter2hunter2\u001b[0m', 'api_key=[redacted]'],
  ['\u001b[1mtoken\u001b[22m: \u001b[33m"ab c"\u001b[39m', 'token: "[redacted]"'],
  ['got hf_\u001b[7msecret\u001b[0m', 'got [redacted]'],
  ['\u001b[31mno token limit\u001b[0m', '\u001b[31mno token limit\u001b[0m'],
])('colours hide no secret, and stay where there is none: %j', (said, expected) => {
  expect(redactor(env).text(said)).toBe(expected);
});

test('knows the password of a login among the arguments', () => {
  const args = ['-u', 'me:first-one', '--user=me:second-one', '--user', '1000:1000', '-u', 'x.py'];
  const { text, options } = redactor({}, { args });
  expect(text('first-one second-one 1000:1000')).toBe('[redacted] [redacted] 1000:1000');
  expect(options(args)).toEqual([
    ...['-u', 'me:[redacted]', '--user=me:[redacted]', '--user', '1000:1000', '-u', 'x.py'],
  ]);
});

test('the current folder is no secret, whatever its variable is called', () => {
  const { text } = redactor({ PWD: '/pages/volume', OLDPWD: '/pages/older', DB_PWD: 'hunter2' });
  expect(redactor({}).options(['--pwd', 'x1', '--db-pwd=y1'])).toEqual([
    '--pwd',
    '[redacted]',
    '--db-pwd=[redacted]',
  ]);
  expect(text('/pages/volume /pages/older hunter2')).toBe('/pages/volume /pages/older [redacted]');
});

test('a secret of any length, and any number of them', () => {
  const long = 'ab-'.repeat(30_000);
  const values = Array.from({ length: 2000 }, (_none, at) => `secret-number-${at}`);
  const { text } = redactor({ BIG_API_KEY: long }, { values });
  expect(text(`x ${long} y secret-number-1999 z`)).toBe('x [redacted] y [redacted] z');
});
