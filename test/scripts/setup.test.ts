import { execFile, execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { beforeEach, expect, test } from 'vitest';

const LOCK_FILE = { packages: { '': {}, 'node_modules/a': { version: '1.0.0', integrity: 'x' } } };
// Written as npm does: the record of what is installed comes last.
const FAKE_NPM = `#!/bin/sh
echo npm "$@" >> calls
rm -rf node_modules; mkdir node_modules; sleep 0.2
cp package-lock.json node_modules/.package-lock.json
`;
const FAKE_BUILD = `
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { hashOfInputs, recordBuild } from './freshness.js';
appendFileSync('calls', 'build\\n');
mkdirSync('dist', { recursive: true });
writeFileSync('dist/cli.js', '');
recordBuild(process.cwd(), hashOfInputs(process.cwd()), ['cli.js']);
`;

let root: string;
let env: NodeJS.ProcessEnv;
const calls = (): string[] => readFileSync(join(root, 'calls'), 'utf8').trim().split('\n');
const setUp = (): string =>
  execFileSync(process.execPath, ['scripts/setup.js'], { cwd: root, env, encoding: 'utf8', stdio: 'pipe' });
const write = (path: string, content: string): void => writeFileSync(join(root, path), content);

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'setup-'));
  for (const name of ['setup.js', 'freshness.js']) {
    cpSync(join(import.meta.dirname, '../../scripts', name), join(root, 'scripts', name));
  }
  for (const folder of ['src', 'fake']) mkdirSync(join(root, folder));
  write('scripts/build.js', FAKE_BUILD);
  write('package.json', '{"type":"module"}');
  write('package-lock.json', JSON.stringify(LOCK_FILE));
  write('src/a.ts', 'export {};');
  writeFileSync(join(root, 'fake/npm'), FAKE_NPM, { mode: 0o755 });
  env = { ...process.env, PATH: `${join(root, 'fake')}${delimiter}${process.env.PATH}` };
  return () => rmSync(root, { recursive: true, force: true });
});

test('installs and builds in a fresh clone, then finds both up to date without a word', () => {
  setUp();
  expect(setUp()).toBe('');
  expect(calls()).toEqual(['npm ci --include=dev --no-audit --no-fund', 'build']);
});

test('leaves alone what npm ci installed by itself', () => {
  execFileSync('npm', ['ci'], { cwd: root, env });
  setUp();
  expect(calls()).toEqual(['npm ci', 'build']);
});

test('does what is needed after each change', () => {
  setUp();
  const changes: readonly (readonly [what: string, change: () => void, needs: readonly string[]])[] = [
    ['a source changes', () => write('src/a.ts', 'export const a = 1;'), ['build']],
    ['a source is added', () => write('src/b.ts', ''), ['build']],
    ['an output is gone', () => rmSync(join(root, 'dist/cli.js')), ['build']],
    ['a source is only touched', () => utimesSync(join(root, 'src/a.ts'), 0, 0), []],
    [
      'the lock file wants another version',
      () => write('package-lock.json', JSON.stringify(LOCK_FILE).replace('1.0.0', '1.0.1')),
      ['npm ci --include=dev --no-audit --no-fund', 'build'],
    ],
  ];
  for (const [what, change, needs] of changes) {
    const before = calls().length;
    change();
    setUp();
    expect(calls().slice(before), what).toEqual(needs);
  }
});

test('two at once install and build once', async () => {
  const start = () => promisify(execFile)(process.execPath, ['scripts/setup.js'], { cwd: root, env });
  await Promise.all([start(), start()]);
  expect(calls()).toEqual(['npm ci --include=dev --no-audit --no-fund', 'build']);
});

test('takes over from a setup that was killed', () => {
  const { pid } = JSON.parse(
    execFileSync(process.execPath, ['-p', 'JSON.stringify({pid:process.pid})'], { encoding: 'utf8' }),
  );
  mkdirSync(join(root, '.mgpu'));
  write('.mgpu/setup.lock', JSON.stringify({ host: hostname(), pid }));
  setUp();
  expect(calls()).toHaveLength(2);
});

test('a failed build fails the setup, and the next one tries again', () => {
  write('scripts/build.js', 'process.exit(7)');
  expect(setUp).toThrow('exit 7');
  write('scripts/build.js', FAKE_BUILD);
  setUp();
  expect(calls().at(-1)).toBe('build');
});
