import { beforeAll, expect, test } from 'vitest';
import { packagesNamedIn } from '../../scripts/licences.js';
import { build } from '../fixtures/built.ts';
import { readPage } from './shown.ts';

const PACKAGE = JSON.parse(await readPage('package.json'));
/** What builds, checks and tests, and is in no bundle. */
const TOOLS = [
  '@biomejs/biome',
  '@types/node',
  '@types/yauzl',
  '@types/yazl',
  'esbuild',
  'playwright-core',
  'tsx',
  'typescript',
  'vitest',
];

beforeAll(build, 120_000);

test('says which packages are in dist: else run node scripts/write-inlined-dependencies.js', async () => {
  const bundled = packagesNamedIn(await readPage('dist/THIRD-PARTY-LICENSES.txt'));
  expect(Object.keys(bundled)).toContain('commander');
  expect(PACKAGE.inlinedDependencies).toEqual(bundled);
});

test('every other dev dependency is a tool, and users install nothing', () => {
  const bundled = Object.keys(PACKAGE.inlinedDependencies);
  expect(Object.keys(PACKAGE.devDependencies).filter((name) => !bundled.includes(name))).toEqual(TOOLS);
  expect(PACKAGE).not.toHaveProperty('dependencies');
});

test('the lock file has its version', async () => {
  const lock = JSON.parse(await readPage('package-lock.json'));
  expect([lock.version, lock.packages[''].version]).toEqual([PACKAGE.version, PACKAGE.version]);
});

test('two versions of a package are a list', () => {
  const licences = `This program contains the packages below.\n\na 2.0.0 (MIT)\n\nx\n\n${'-'.repeat(78)}\n\na 10.0.0 (MIT)\n`;
  expect(packagesNamedIn(licences)).toEqual({ a: ['10.0.0', '2.0.0'] });
});
