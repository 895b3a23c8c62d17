import { expect, test } from 'vitest';
import { Refusal } from '../../../src/model/refusal.ts';
import {
  mangaFormat,
  readMangaArguments,
} from '../../../src/translators/manga-image-translator/arguments.ts';

const read = (...args: string[]) => readMangaArguments(args, '/home/me');

test('passes options on in their order, files made absolute', () => {
  expect(
    read('--config-file', 'my/config.json', '-v', '--attempts', '-1', '--font-path=fonts/a%20b.ttf').passed,
  ).toEqual([
    '--config-file',
    '/home/me/my/config.json',
    '--verbose',
    '--attempts',
    '-1',
    '--font-path',
    '/home/me/fonts/a%20b.ttf',
  ]);
});

test('a percent sign of the current folder is quoted where the program decodes it, and only there', () => {
  const { passed, modelDir } = readMangaArguments(
    ['--model-dir', 'm', '--config-file', 'c.json'],
    '/50%20off',
  );
  expect(passed).toEqual(['--model-dir', '/50%2520off/m', '--config-file', '/50%20off/c.json']);
  expect(modelDir).toBe('/50%20off/m');
});

test('leaves absolute and home-relative files alone', () => {
  expect(read('--pre-dict', '~/d.txt', '--post-dict', '/x/d.txt').passed).toEqual([
    '--pre-dict',
    '~/d.txt',
    '--post-dict',
    '/x/d.txt',
  ]);
});

test('keeps what the launcher decides to itself', () => {
  expect(read('--use-gpu', '--ignore-errors', '-fwebp', '--use-gpu-limited')).toMatchObject({
    passed: [],
    format: 'webp',
    ignoreErrors: true,
    gpuLimited: true,
  });
});

test('reads what matters to a run, abbreviated as the program allows', () => {
  expect(read('--batch-s', '4', '--cont', '3', '--skip', '--save-text')).toMatchObject({
    passed: ['--batch-size', '4', '--context-size', '3', '--skip-no-text', '--save-text'],
    batchSize: 4,
    contextSize: 3,
    skipNoText: true,
    saveText: true,
  });
});

test('passes options of a fork on, with their values', () => {
  expect(read('--use-lora', 'manga', '--verbose').passed).toEqual(['--use-lora', 'manga', '--verbose']);
});

test('a quality makes every output a jpg', () => {
  expect(read('--save-quality', '80').format).toBe('jpg');
  expect(read('--save-quality', '100').format).toBeUndefined();
});

test.each([
  [['-i', 'pages'], '-i (after --): give the pages before'],
  [['--dest', 'out'], '--dest (after --): use --output'],
  [['-o/x'], 'use --output'],
  [['--overwrite'], '--overwrite all'],
  [['local', '--verbose'], 'leave it out'],
  [['--verbose', 'ws'], 'only runs the mode local'],
  [['pages/'], 'not an option'],
  [['--use-mtpe'], 'asks questions on the terminal'],
  [['--load-text'], 'single image'],
  [['--save-text-file', 'x.txt'], 'one file'],
  [['--save', '80'], '--save-text or --save-text-file or --save-quality'],
  [['--batch-size'], 'its value is missing'],
  [['--batch-size', 'two'], 'not a whole number'],
  [['--format', 'bmp'], "can't write it"],
  [['--save-quality', '80', '--format', 'png'], 'only .jpg has a quality'],
])('refuses %j with what to do instead', (args, words) => {
  expect(() => read(...args)).toThrow(Refusal);
  expect(() => read(...args)).toThrow(words);
});

test("the launcher's --format and the program's own must agree", () => {
  expect(mangaFormat('webp', read())).toBe('webp');
  expect(mangaFormat(undefined, read('--format', 'webp'))).toBe('webp');
  expect(() => mangaFormat('png', read('--format', 'webp'))).toThrow('ask for webp');
  expect(() => mangaFormat('bmp', read())).toThrow("can't write it");
});
