import { escapeControls } from '../../../src/model/escape-controls.ts';
import { redactor } from '../../../src/model/redact.ts';
import { shellQuote, singleQuoted } from '../../../src/model/shell-quote.ts';
import { csvLines } from '../../../src/report/csv.ts';
import { escapeLines, shorten } from '../../../src/report/escape.ts';
import { fitEnd, fitText, padText } from '../../../src/report/text-width.ts';
import { asBuffers, type FuzzTarget } from './target.ts';

const SECRETS = [
  'Error calling https://user:pa55@api.x.com/v1?key=abc&sig=def#x: 401 Incorrect API key: sk-abcdefghijklmnop123',
  'curl -H "Authorization: Bearer abcdef.ghijkl" -u me:secret --api-key=xyz --token \'t o k\'',
  "{'api_key': 'abcdef', \"password\":\"p\\\"q\", 'cookie': 'a=b; c=d'} SecretStr('abc')",
  'DEEPL_AUTH_KEY=1234-5678:fx eyJhbGciOi.eyJzdWIiOi.abc hf_abcdefgh1234',
];
const WORDS = [
  'key=',
  'api_key=a',
  '!!',
  'api_key: ',
  'token',
  'secret',
  'password',
  '://',
  ':',
  '@',
  'cookie: a=',
  ';',
  ' a=',
  '"',
  "'",
  '\\',
  '\\"',
  'b"',
  '--key ',
  '-u ',
  'Bearer ',
  'eyJ',
  '.',
  'sk-',
  ':fx',
  'aaaaaaaa',
  '_key',
  'A=',
  ' ',
  '\t',
  '=>',
  '%22',
  '?a=',
  '&',
  'auth',
  'SecretStr(',
  'x(',
  '[{(',
  '-',
];
const redact = redactor({ API_KEY: 'abcdef123456', TOKEN: 'line1\nline2' }, { values: ['+?*(.[x'] });

/** Text in which secrets may be, and text on its way to a terminal or a file that others read. */
export const textTargets: readonly FuzzTarget[] = [
  {
    name: 'secrets-in-line',
    kind: 'secrets',
    examples: asBuffers(SECRETS.join(' '), ...SECRETS),
    words: WORDS,
    // A line of a child as it comes from the pipe.
    longestBytes: 68 * 1024,
    share: 2,
    read: (input) => redact.text(input.toString('utf8')),
  },
  {
    name: 'secrets-in-options',
    kind: 'secrets',
    examples: asBuffers(SECRETS.join(' '), ...SECRETS, '{"a":{"api_key":"x"}}'),
    words: WORDS,
    // A long command line.
    longestBytes: 16 * 1024,
    read: (input) => {
      const text = input.toString('utf8');
      const args = text.split('\0', 500);
      const own = redactor({}, { args, templates: [text.slice(0, 4096)] });
      own.text(text.slice(0, 4096));
      return own.options({ command: text, args });
    },
  },
  {
    name: 'shown-text',
    kind: 'terminal text',
    examples: asBuffers('ch1/漫画 第１話 👩‍👩‍👧.png', 'a\u001b[31mb\r\nc\u202ed', "it's $(rm) \\ %s"),
    words: ['\u0300', '\u200d', '👩', '\u202e', '%', "'", '\n', '=', '+', ' '],
    longestBytes: 4096,
    read: (input) => {
      const text = input.toString('utf8');
      escapeControls(text);
      escapeLines(text);
      fitText(text, 20);
      fitEnd(text, 20);
      padText(fitText(text, 20), 30, 'left');
      shorten(text, 100);
      singleQuoted(text);
      shellQuote([text]);
      return [...csvLines([{ page: text, attempt: 1, outcome: 'failed', message: text }])];
    },
  },
];
