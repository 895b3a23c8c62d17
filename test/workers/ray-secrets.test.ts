import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { expect, test } from 'vitest';
import { isSecretName } from '../../src/model/secret-names.ts';
import { pythonFile } from '../../src/translators/python-files.ts';
import { PYTHON } from '../fixtures/ray-stub.ts';

const WORDS = [
  ...['KEY', 'KEYBOARD', 'TOKEN', 'TOKENIZER', 'SECRET', 'PASSWORD', 'PASSWD', 'PWD', 'PASSPHRASE', 'AUTH'],
  ...[
    'AUTHOR',
    'AUTHORS',
    'AUTHORIZATION',
    'CREDENTIAL',
    'BEARER',
    'HOME',
    'PATH',
    'PASSWORT',
    'OLDPWD',
    'CWD',
  ],
  // A long s and a sign for kelvin: only some programs take them for letters of ASCII.
  ...['PA\u017f\u017fWORD', '\u212aEY', 'CL\u00c9', '\u9375'],
];
const NAMES = WORDS.flatMap((word) =>
  ['', 'DB_', 'db-', 'X', '\u00c9_', '_', '9_'].flatMap((before) =>
    ['', 'S', '_ID', '2'].flatMap((after) => [before + word + after, (before + word + after).toLowerCase()]),
  ),
);

test('a name is that of a secret on the nodes exactly where it is one here', () => {
  const judge =
    'import json, sys, ray_secrets as s; print(json.dumps([n for n in json.load(sys.stdin) if s.SECRET_NAME.search(n)]))';
  const env = { ...process.env, PYTHONPATH: path.dirname(pythonFile('ray_secrets.py')) };
  const there = execFileSync(PYTHON, ['-S', '-B', '-c', judge], { env, input: JSON.stringify(NAMES) });
  expect(JSON.parse(there.toString())).toEqual(NAMES.filter(isSecretName));
});
