import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { pythonFile } from '../../src/translators/python-files.ts';
import { decodePng, encodePng } from '../fixtures/png-pixels.ts';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'demo-'));
  mkdirSync(join(root, 'in'));
  return () => rmSync(root, { recursive: true, force: true });
});

function demo(env: NodeJS.ProcessEnv = { MGPU_GPU: '1', MGPU_SLOT: 'gpu1-0' }) {
  const args = [pythonFile('demo_translate.py'), '--input', 'in', '--output', 'out', '--seconds', '0'];
  const options = { cwd: root, encoding: 'utf8', env: { PATH: process.env.PATH, ...env } } as const;
  return spawnSync('python3', [...args, '--load-seconds', '0'], options);
}

const WIDTH = 331;
const HEIGHT = 90;

test.each([
  ['grey', { colourType: 0, depth: 8 }],
  ['grey, one bit', { colourType: 0, depth: 1 }],
  ['grey, 16 bits', { colourType: 0, depth: 16 }],
  ['RGB', { colourType: 2, depth: 8 }],
  ['palette, four bits', { colourType: 3, depth: 4 }],
  ['grey and alpha', { colourType: 4, depth: 8 }],
  ['RGBA', { colourType: 6, depth: 8 }],
])('stamps the top of a page and keeps every other pixel: %s', (_, kind) => {
  const page = encodePng({ width: WIDTH, height: HEIGHT, ...kind });
  writeFileSync(join(root, 'in/p.png'), page);
  expect(demo().status).toBe(0);

  const before = decodePng(page);
  const after = decodePng(readFileSync(join(root, 'out/p.png')));
  expect(after).toMatchObject({ width: WIDTH, height: HEIGHT });
  const changed = after.rows.map((row, y) => !row.equals(before.rows[y] ?? row));
  const banner = changed.lastIndexOf(true) + 1;
  expect(banner).toBeGreaterThan(15);
  expect(banner).toBeLessThan(HEIGHT / 2);
  // A blank row and one through the letters: something is written there.
  expect(after.rows[0]).not.toEqual(after.rows[6]);
});

test('GPUs and slots are told apart by the stamp', () => {
  const stamped = (env: NodeJS.ProcessEnv): Buffer => {
    writeFileSync(
      join(root, 'in/p.png'),
      encodePng({ width: WIDTH, height: HEIGHT, colourType: 2, depth: 8 }),
    );
    demo(env);
    return readFileSync(join(root, 'out/p.png'));
  };
  const all = [
    { MGPU_GPU: '0' },
    { MGPU_GPU: '1' },
    { CUDA_VISIBLE_DEVICES: '' },
    { MGPU_GPU: '0', MGPU_SLOT: 'gpu0-1' },
  ];
  expect(new Set(all.map((env) => stamped(env).toString('base64'))).size).toBe(4);
});

test('copies what it cannot stamp, tells of what is broken, goes on in natural order, and leaves nothing half done', () => {
  const page = encodePng({ width: 40, height: 5, colourType: 0, depth: 8 });
  mkdirSync(join(root, 'in/ch 1'));
  for (const name of ['p10.png', 'p2.png', 'ch 1/p.png']) writeFileSync(join(root, 'in', name), page);
  writeFileSync(join(root, 'in/p1.jpg'), 'JPEG');
  const interlaced = Buffer.from(page);
  interlaced[28] = 1;
  writeFileSync(join(root, 'in/p11.png'), interlaced);
  writeFileSync(join(root, 'in/p3.png'), page.subarray(0, -20));
  const { status, stderr } = demo();

  expect(status).toBe(1);
  expect(stderr.match(/(?<=Translating: ").*(?=")/g)).toEqual(
    ['p1.jpg', 'p2.png', 'p3.png', 'p10.png', 'p11.png', 'ch 1/p.png'].map((name) => `in/${name}`),
  );
  expect(stderr).toContain('[demo] Copied as it is: not a PNG\n');
  expect(stderr).toContain('[demo] Copied as it is: an interlaced PNG\n');
  expect(readFileSync(join(root, 'out/p1.jpg'), 'utf8')).toBe('JPEG');
  expect(readFileSync(join(root, 'out/p11.png'))).toEqual(interlaced);
  expect(stderr).toContain('ERROR: [demo] p3.png: a truncated PNG');
  expect(stderr).toContain('Translated 5 images');
  expect(readdirSync(join(root, 'out')).sort()).toEqual(['ch 1', 'p1.jpg', 'p10.png', 'p11.png', 'p2.png']);
  expect(existsSync(join(root, 'out/ch 1/p.png'))).toBe(true);
});
