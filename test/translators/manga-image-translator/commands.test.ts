import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import type { Slot } from '../../../src/model/slot.ts';
import { readMangaArguments } from '../../../src/translators/manga-image-translator/arguments.ts';
import { readMangaConfig } from '../../../src/translators/manga-image-translator/config-file.ts';
import { MangaImageTranslatorOneShot } from '../../../src/translators/manga-image-translator/one-shot.ts';
import {
  checkWarm,
  mangaShape,
  mangaWarmCommand,
} from '../../../src/translators/manga-image-translator/warm.ts';

const FAKE = join(import.meta.dirname, '../../fixtures/fake-manga-translator/manga_translator');
const CPU: Slot = { id: 'cpu-0', gpu: null };
const GPU: Slot = { id: 'gpu0-0', gpu: { index: 0, vendor: 'nvidia', visibleAs: '0' } };
let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), '50%20off '));
  return () => rmSync(root, { recursive: true, force: true });
});

const setup = (options: string[], checkout: string | undefined = '/mit') => ({
  found: {
    root: checkout ?? '/site',
    ...(checkout !== undefined && { checkout }),
    from: 'given' as const,
  },
  python: '/usr/bin/python3',
  cwd: '/home/me',
  args: readMangaArguments(options, '/home/me'),
});

test('a warm worker runs in the checkout, with its own options after --', () => {
  const { args, cwd } = mangaWarmCommand(setup(['--config-file', 'c.json', '--use-gpu', '--ignore-errors']));
  expect(args.slice(1)).toEqual(['--checkout', '/mit', '--', '--config-file', '/home/me/c.json']);
  expect(cwd).toBe('/mit');
});

test('an installed package needs no folder', () => {
  const { found, ...rest } = setup([]);
  expect(mangaWarmCommand({ ...rest, found: { root: found.root, from: 'python' } })).toMatchObject({
    args: [expect.stringContaining('manga_image_translator_worker.py'), '--'],
    cwd: '/home/me',
  });
});

test('pages made with another content of the config file are of another shape', () => {
  const shape = (configHash: string) => mangaShape({ ...setup(['--verbose']), configHash });
  expect(shape('a')).not.toEqual(shape('b'));
});

test('a warm worker refuses batches, with the way to have them', () => {
  expect(() => checkWarm(setup(['--batch-size', '4']).args)).toThrow(
    'a warm worker takes one page at a time',
  );
  expect(checkWarm(setup([]).args)).toEqual([]);
  expect(checkWarm(setup(['--ignore-errors']).args)).toHaveLength(1);
});

test('the command line has its options behind local, and percent signs of the input quoted', () => {
  const translator = new MangaImageTranslatorOneShot(
    setup(['--context-size', '3', '--skip-no-text']),
    undefined,
  );
  const batch = { input: '/50%20off/in', output: '/50%20off/out' };
  expect(translator.command(batch, GPU)).toEqual({
    file: '/usr/bin/python3',
    args: [
      ...['-m', 'manga_translator', 'local', '-i', '/50%2520off/in', '-o', '/50%20off/out'],
      ...['--overwrite', '--ignore-errors', '--use-gpu', '--context-size', '3'],
    ],
    cwd: '/mit',
    env: {},
  });
  expect(translator.command(batch, CPU).args).not.toContain('--use-gpu');
});

test('the command line refuses --save-text, which would end it at the first page', () => {
  expect(() => new MangaImageTranslatorOneShot(setup(['--save-text']), undefined)).toThrow('saves none');
});

test('a batch of the command line: one load, every page told apart', () => {
  const checkout = join(root, 'checkout');
  cpSync(FAKE, join(checkout, 'manga_translator'), { recursive: true });
  const batch = { input: join(root, 'in'), output: join(root, 'out') };
  const translator = new MangaImageTranslatorOneShot(
    { ...setup(['--skip-no-text'], checkout), python: 'python3' },
    undefined,
  );
  const pages = [
    '1.BMP',
    'blank.png',
    'cut.jpg',
    'fail-ocr.png',
    'new\nline.png',
    'numbers.png',
    'oom.png',
    '²2.png',
  ];
  for (const page of pages) {
    const file = join(batch.input, translator.nameInBatch(page));
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, 'page');
  }
  const { file, args, cwd } = translator.command(batch, CPU);
  const { stderr, status } = spawnSync(file, ['-B', ...args], { cwd, encoding: 'utf8' });
  expect(status).toBe(0);
  const log = translator.logOf(batch);
  for (const line of stderr.split('\n')) log.line(line);
  log.end();
  const outcomes = pages.map((page) => log.outcomeOf(translator.nameInBatch(page)));
  expect(outcomes).toMatchObject([
    { outcome: 'translated', saved: true },
    { outcome: 'no-text', saved: false },
    { outcome: 'failed', reason: 'unreadable' },
    { outcome: 'failed', reason: 'error', message: 'ValueError: this page fails in ocr' },
    { outcome: 'translated' },
    { outcome: 'untranslated', saved: true },
    { outcome: 'failed', reason: 'oom' },
    { outcome: 'translated' },
  ]);
  expect(existsSync(join(batch.output, '1.png'))).toBe(true);
});

test('a config file is read before anything is loaded', async () => {
  const write = (name: string, text: string): string => {
    writeFileSync(join(root, name), text);
    return join(root, name);
  };
  const plain = await readMangaConfig(write('a.json', '{"translator": {"translator": "sugoi"}}'));
  const chat = await readMangaConfig(write('b.toml', '[translator]\ntranslator = "chatgpt_2stage"\n'));
  expect([plain.usesContext, chat.usesContext]).toEqual([false, true]);
  expect(plain.hash).not.toBe(chat.hash);
  await expect(readMangaConfig(join(root, 'none.json'))).rejects.toThrow('no such file');
  await expect(readMangaConfig(write('c.json', '{'))).rejects.toThrow('not valid JSON');
  await expect(readMangaConfig(write('d.json', '[]'))).rejects.toThrow('not a JSON object');
  await expect(readMangaConfig(write('e.yaml', ''))).rejects.toThrow('neither .json nor .toml');
});
