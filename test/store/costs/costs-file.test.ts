import { chmod, lstat, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import type { KnownCosts } from '../../../src/schedule/costs.ts';
import { keepCosts, readCosts } from '../../../src/store/costs/costs-file.ts';
import { tempFolder } from '../../pages/temp-folder.ts';

let home: string;
let file: string;
beforeEach(async () => {
  home = await tempFolder();
  file = path.join(home, '.cache/mgpu-translate/costs.json');
});

const known = (seconds: number, pages = 3): KnownCosts =>
  new Map([
    [
      'T4',
      {
        seconds: Array.from({ length: pages }, (_, n) => ({
          megapixels: n === 0 ? undefined : n,
          value: seconds,
        })),
        bytes: [{ megapixels: 2, value: 5e9 }],
        loads: [12.3456789],
      },
    ],
  ]);

test('what one run has shown the next one knows, for the same program alone', async () => {
  await keepCosts({ HOME: home }, 'a', known(2));
  await keepCosts({ HOME: home }, 'b', known(4));
  expect((await readCosts({ HOME: home }, 'a'))?.get('T4')).toEqual({
    seconds: [
      { megapixels: undefined, value: 2 },
      { megapixels: 1, value: 2 },
      { megapixels: 2, value: 2 },
    ],
    bytes: [{ megapixels: 2, value: 5e9 }],
    loads: [12.346],
  });
  expect((await readCosts({ HOME: home }, 'b'))?.get('T4')?.seconds[0]?.value).toBe(4);
  expect(await readCosts({ HOME: home }, 'c')).toBeUndefined();
  expect((await lstat(file)).mode & 0o777).toBe(0o600);
  expect((await lstat(path.dirname(file))).mode & 0o777).toBe(0o700);
  expect(await readCosts({ HOME: '/nowhere', XDG_CACHE_HOME: path.join(home, '.cache') }, 'a')).toBeDefined();
});

test('the file stays small, however many pages and programs there are', async () => {
  for (let n = 0; n < 40; n += 1) await keepCosts({ HOME: home }, `program ${n}`, known(1, 500));
  const { programs } = JSON.parse(await readFile(file, 'utf8'));
  expect(Object.keys(programs)).toHaveLength(32);
  expect(programs['program 39'].devices.T4.seconds).toHaveLength(64);
  expect(programs['program 0']).toBeUndefined();
});

test('garbage is ignored, and written over', async () => {
  for (const text of [
    '',
    'garbage',
    '[]',
    '{"v":2,"programs":{}}',
    `{"v":1,"programs":{"a":{"usedAt":1,"devices":{"T4":{"seconds":[[1,-5]],"bytes":[],"loads":[]}}}}}`,
  ]) {
    await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
    await writeFile(file, text);
    expect(await readCosts({ HOME: home }, 'a'), text).toBeUndefined();
    await keepCosts({ HOME: home }, 'a', known(1));
    expect(await readCosts({ HOME: home }, 'a'), text).toBeDefined();
  }
});

test('what others could have written is not read, nor is anything written there', async () => {
  await keepCosts({ HOME: home }, 'a', known(1));
  await chmod(file, 0o666);
  expect(await readCosts({ HOME: home }, 'a')).toBeUndefined();
  await chmod(file, 0o600);
  await chmod(path.dirname(file), 0o777);
  expect(await readCosts({ HOME: home }, 'a')).toBeUndefined();
  await keepCosts({ HOME: home }, 'a', known(9));
  await chmod(path.dirname(file), 0o700);
  expect((await readCosts({ HOME: home }, 'a'))?.get('T4')?.seconds[0]?.value).toBe(1);
  // A link may lead to a file of another program.
  const elsewhere = path.join(home, 'elsewhere');
  await writeFile(elsewhere, await readFile(file));
  await rm(file);
  await symlink(elsewhere, file);
  expect(await readCosts({ HOME: home }, 'a')).toBeUndefined();
});

test.each([
  {},
  { HOME: '' },
  { HOME: 'relative' },
  { HOME: '/proc' },
  { HOME: '/dev/null' },
  { HOME: '/no/such' },
])('without a home of its own nothing is kept, and nobody hears of it: %j', async (env) => {
  await keepCosts(env, 'a', known(1));
  expect(await readCosts(env, 'a')).toBeUndefined();
});
