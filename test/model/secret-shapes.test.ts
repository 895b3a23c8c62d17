import { expect, test } from 'vitest';
import { withoutShapes, withoutShapesInWord } from '../../src/model/secret-shapes.ts';
import { processorMs } from '../fixtures/processor-ms.ts';

/** `§…§` is what has to go. */
test.each([
  'Authorization: Bearer §abc123def456§',
  '-H "Authorization: Bearer §topsecretvalue§" https://host/',
  'Authorization: Basic §dXNlcjpwYXNzd29yZA==§',
  'Authorization: DeepL-Auth-Key §9a8b7c6d§',
  'headers={"Authorization": "§Bearer 9a8b7c6d§"}',
  'sent Basic §dXNlcjpwYXNzd29yZA==§ to it',
  'invalid Bearer §9a8b7c6d5e§.',
  'x-goog-api-key: §9a8b7c6d§',
  'X-Api-Key: §letters-only§',
  'password: §hunter2§',
  'DB_PASSWORD=§12345678§ psql',
  'export HF_TOKEN_READ=§9a8b7c§',
  'OPENAI_API_KEY_2=§9a8b7c§ and more',
  "client_secret: '§two words§', x",
  '{"a":{"apiKey" : "§9a§"}, "model": "m"}',
  '{\\"api_key\\":\\"§9a8b§\\",\\"model\\":\\"m\\"}',
  '{\\\\\\"token\\\\\\":\\\\\\"§9a8b§\\\\\\"}',
  `{'secretAccessKey': '§9a"8b§'}`,
  '"password": "§a\\"b§", x',
  'cut off: "api_key":"§9a8b7c6d',
  'unrecognized arguments: --auth-token §9a8b7c§ --lang ENG',
  '--api-key=§9a8b7c§',
  'Incorrect API key provided: §9a8b7c§. See the docs',
  'POST https://host/x?api_key=§9a8b§&b=1',
  'https://§user:pa:ss@x§@host/'.replace('pa:ss@x§@', 'pa:ss§@'),
  '401: §sk-abc123def456ghi789§',
  'key §sk-proj-AbC-x_y-zz§, no',
  '§sk-ant-api03-abcDEF-xyz§',
  '§AIzaSyA1234567890abcdefghij§',
  '(§hf_abcdefghijklmnopqrstuvwxyz§)',
  '§279a2e9d-83b3-c416-7e2d-f721593e42a0:fx§',
  '§gsk_abcdef1234567890§ §xai-abcdef1234567890§ §ghp_abcdef1234567890AB§ §AKIAIOSFODNN7EXAMPLE§',
  '§github_pat_11ABCDEFG0abcdefgh§',
  '§eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc_def§',
  "Command '['tr', '--api-key', '§9a8b7c§', '--lang', 'ENG']' returned",
  '["--api-key", "§9a8b7c§"]',
  '{"args":"[\\"--auth-token\\", \\"§9a8b§\\"]"}',
  "'--api-key' '§9a8b7c§' in.png",
  "{b'x-api-key': b'§9a8b7c§', b'x': b'y'}",
  "api_key: b'§9a8b7c§'",
  `password=rb"§9a8b7c§"`,
  "api_key=SecretStr('§9a8b7c§'), model='m'",
  "Config(token=pydantic.SecretStr(value='§9a8b7c§'))",
  "SecretBytes(b'§9a8b7c§')",
  "Token(value='§9a8b7c§')",
  'https://§9a8b7c6d§@host/path',
  'curl -u user:§9a8b7c§ https://host/',
  'curl --user "user:§9a8b7c§" https://host/',
  "['curl', '-u', 'user:§9a8b7c§']",
  'client_secret%3D§9a8b7c§ sent',
  'GET https://host/x?sv=1&sig=§9a%2Fb§&b=1',
  'with url: /v1/models?key=§9a8b7c§ (Caused by',
  'Server=x;pwd=§9a8b7c§',
  'curl https://hooks.slack.com/services/§T024BE7LD/B0/9a8b7c6d§ -d x',
  '"https://discord.com/api/webhooks/§1234567890/9a8b-7c6d_x§"',
  'https://canary.discordapp.com/api/v10/webhooks/§1/9a8b§?wait=true',
  'https://x.webhook.office.com/§webhookb2/9a8b@7c6d/IncomingWebhook/1/2§',
  'https://api.telegram.org/bot§123456:9a8b-7c6d/sendMessage§',
  'DB_PWD=§9a8b7c§ psql',
  'bearer:§9a8b7c§',
  'BEARER=§9a8b7c§',
  'Cookie: session=§9a8b7c§',
  'Set-Cookie: a=§1§; session=§9a8b7c§; HttpOnly',
  "{'Cookie': 'session=§9a8b7c§'}",
])('takes out %s', (marked) => {
  const expected = marked.replace(/§[^§]*(?:§|$)/g, '[redacted]');
  expect(withoutShapes(marked.replaceAll('§', ''))).toBe(expected);
});

test.each([
  'sk-001.png, task-0123456789abcdef0123, sk-chapter-001, risk-20240115abcdef.png, desk-0123456789abcdef',
  'Translating: "in/sk-chapter-01/002.png" to hf_page.png and hf_chapter01.png',
  'hf_hub_download, hf_transfer, sk-learn 1.2.3, xai-explain.png, AIza, eyJ',
  'sha256 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  'uuid 279a2e9d-83b3-c416-7e2d-f721593e42a0',
  "KeyError: 'text_color', Author: Some Body, keyboard: x, keyword: manga, monkey: banana12",
  '"prompt_tokens": 1523, "max_tokens": 4096, max_token=4096, tokens: 1523, token 3/20',
  'Loading tokenizer: bert-base, cache_key: abcdef123, primary_key: idx_12345',
  'Missing key(s) in state_dict: "a.b"; size mismatch for key: x; Unexpected key: layer.0.weight',
  'password: required; Authorization: failed; api_key: None; token: missing; secret: invalid; auth: ok',
  'Bearer token is missing; Basic settings: on; basic information about; Basic Authentication required',
  'usage: x [--api-key API_KEY] [--token TOKEN]; --api-key <KEY>; --api-key $OPENAI_API_KEY',
  'https://host/path?page=12 and http://host:8080/@a and b:c@d',
  'token: [redacted], "api_key":"[redacted]"',
  'token limit, key frame, API KEY is invalid, token limit exceeded (4096), a secret page, cookie jar: full',
  'vol-1/key frame (2).png, pwd, token(s) left, page-id ch-01/012, the bearer of bad news',
  "expected one of 'token', 'key'; Token('NAME', 'x'), got token('<'), KeyError('api_key')",
  "api_key=SecretStr('**********')",
  "['--use-auth', '--verbose'], ['--lang', 'ENG']",
  'PWD=/home/user OLDPWD=/pages pwd: ~/pages',
  'ssh://git@host/x, https://git@github.com/x, https://host/?mail=a@b.org, https://host/@user',
  'docker run -u 1000:1000 -u root:root x; python -u https://host/, sort -u a',
])('leaves %s', (text) => {
  expect(withoutShapes(text)).toBe(text);
});

test.each([
  [
    '{"openai":{"key":"ab","model":"m"},"max_tokens":4096}',
    '{"openai":{"key":"[redacted]","model":"m"},"max_tokens":4096}',
  ],
  ['X-My-Key: a b c', 'X-My-Key: [redacted]'],
  ['Authorization: Bearer x', 'Authorization: Bearer [redacted]'],
  ['--config={"token":"x"}', '--config={"token":"[redacted]"}'],
  ['Key: The Metal Idol', 'Key: The Metal Idol'],
  ['pages/keyframes', 'pages/keyframes'],
  ['Server=x;Pwd=a1b2', 'Server=x;Pwd=[redacted]'],
  ['Cookie: session=a1b2', 'Cookie: session=[redacted]'],
  ['curl -u me:a1b2c3 {input}', 'curl -u me:[redacted] {input}'],
])('in an argument any name of a secret counts: %s', (word, expected) => {
  expect(withoutShapesInWord(word)).toBe(expected);
});

const ADVERSARIAL = [
  'api_key="',
  "api_key='",
  '"token":"',
  'token:\\"',
  "token='\\",
  'Authorization: Bearer ',
  '-eyJaaaaaaaa',
  '.eyJaaaaaaaa',
  '://a:',
  'a:b@',
  '--a-key ',
  'a-:fx',
  'sk-a-',
  'KEY_',
  'A=',
  '\\"',
  'token        ',
  '&key=a',
  "'--a-key', '",
  "'--a-key', ",
  'Cookie: a=b; ',
  '; a=b',
  "SecretStr('",
  "token=A(b='",
  'A.(',
  'Token(value=',
  '-u a:b ',
  "-u '",
  '%3D',
  'token%22',
  'https://a',
  'https://a@',
  '?sig=',
];

test.each(ADVERSARIAL)('a long line is looked through in its length: %j', (seed) => {
  const line = (bytes: number): string => seed.repeat(Math.ceil(bytes / seed.length));
  const msFor = (bytes: number): number => {
    const text = line(bytes);
    return processorMs(() => {
      withoutShapes(text);
      withoutShapesInWord(text);
    });
  };
  msFor(10_000);
  // What grows with the square of the length takes half a minute.
  expect(msFor(150_000)).toBeLessThan(5000);
});

test('a value with many marks that end sentences takes no time', () => {
  const { user } = process.cpuUsage();
  withoutShapes(`api_key=b${'!'.repeat(60_000)}x`);
  expect((process.cpuUsage().user - user) / 1000).toBeLessThan(1000);
});
