import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { dotenvSecrets, secretsInDotenv } from '../../src/translators/dotenv.ts';

async function temporary(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'mgpu-env-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

test('reads names of secrets as python-dotenv does', () => {
  const text = [
    '# OPENAI_API_KEY=commented',
    'OPENAI_API_KEY=plain-value # why',
    'export DEEPL_AUTH_KEY = "in \\"quotes\\" # no comment"',
    "BAIDU_SECRET_KEY='single # quoted' # why",
    'CAIYUN_TOKEN: colon',
    'GROQ_API_KEY=a=b#c\r',
    'GEMINI_API_KEY=',
    'OPENAI_MODEL=gpt-4o',
    'no line of ours',
  ].join('\n');
  expect(secretsInDotenv(text)).toEqual([
    'plain-value',
    'in "quotes" # no comment',
    'single # quoted',
    'colon',
    'a=b#c',
  ]);
});

test('looks in the folders and above them, and at regular files alone', async () => {
  const root = await temporary();
  const checkout = path.join(root, 'a/checkout');
  await mkdir(checkout, { recursive: true });
  await writeFile(path.join(root, '.env'), 'A_KEY=above');
  await writeFile(path.join(checkout, 'real'), '\uFEFFB_KEY=linked');
  await symlink('real', path.join(checkout, '.env'));
  execFileSync('mkfifo', [path.join(root, 'a/.env')]);
  expect((await dotenvSecrets([checkout, checkout])).sort()).toEqual(['above', 'linked']);
});

test('passes over what is far too large, and folders that are none', async () => {
  const root = await temporary();
  await writeFile(path.join(root, '.env'), `A_KEY=large\n${'x'.repeat(300_000)}`);
  expect(await dotenvSecrets([root, path.join(root, 'missing'), path.join(root, '.env')])).toEqual([]);
});

test.each(['A_KEY=a', 'A_KEY="a"'])(
  'a line that begins with %s and goes on with spaces takes no time',
  (head) => {
    const { user } = process.cpuUsage();
    secretsInDotenv(`${head}${' '.repeat(200_000)}b`);
    expect((process.cpuUsage().user - user) / 1000).toBeLessThan(500);
  },
);
