import { expect, test } from 'vitest';
import { PageNames } from '../../src/workers/page-names.ts';
import { processorMs } from '../fixtures/processor-ms.ts';

const ids = [
  'ch1/001.png',
  'ch1/002.png',
  'ch2/001.png',
  'my page (2).jpg',
  '-dash.png',
  'ch2/漫画 3.webp',
  'x.PNG',
];
const names = new PageNames(
  ids.map((id) => ({ id, path: `/pages/${id}` })),
  ['/work/gpu0-0/1/in', '/work/gpu0-0/1/out'],
);

test.each([
  ['[local] Translating: "/work/gpu0-0/1/in/ch1/002.png"', 'ch1/002.png'],
  ['[local] Saving "/work/gpu0-0/1/out/ch2/001.png"', 'ch2/001.png'],
  ['Saving /work/gpu0-0/1/out/my page (2).webp', 'my page (2).jpg'],
  ['processing ch1/001.png ...', 'ch1/001.png'],
  ['002.png: 12 boxes', 'ch1/002.png'],
  ['at [my page (2).jpg]', 'my page (2).jpg'],
  ['page=-dash.png', '-dash.png'],
  ['Translating: /work/gpu0-0/1/in/ch2/漫画 3.webp (2/3)', 'ch2/漫画 3.webp'],
  ['done ch1/001.png, next ch1/002.png', 'ch1/002.png'],
  ['x.PNG', 'x.PNG'],
])('%s names %s', (line, page) => {
  expect(names.in(line)).toBe(page);
});

test.each([
  ['a file name that two pages have', 'reading 001.png'],
  ['a page of nobody', 'reading other.png'],
  ['a model file', 'loading models/detect-20241225.ckpt'],
  ['a name that only ends like a page', 'reading thumb-ch1-002.png'],
])('%s names none', (_, line) => {
  expect(names.in(line)).toBeUndefined();
});

test('a long line of many names is read within moments', () => {
  const line = `  ${'001.png '.repeat(512)}`;
  const ms = processorMs(() => {
    for (let times = 0; times < 10; times += 1) names.in(line);
  });
  expect(ms).toBeLessThan(500);
});

test('a page is named in whatever form its name is written', () => {
  const id = 'cafe\u0301/\u304b\u3099 1.png';
  const named = new PageNames([{ id, path: `/pages/${id}` }], ['/work/in']);
  for (const line of [
    'saved caf\u00e9/\u304c 1.png',
    'at "/work/in/caf\u00e9/\u304c 1.webp"',
    `\u304c 1.png`,
  ]) {
    expect(named.in(line), line).toBe(id);
  }
});
