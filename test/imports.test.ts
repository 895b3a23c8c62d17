import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { RANKS } from './src-ranks.ts';

const SRC = fileURLToPath(new URL('../src', import.meta.url));

/** The library's entry stands above what it hands on. */
const ENTRY = 'index.ts';
/** Types, `import()` and threads that are started from a file: whoever names a file knows it. */
const NAMED = /(?:from |import\(|import |new URL\()'(\.{1,2}\/[^']+)'/g;

const rankOf = (file: string): number =>
  file === ENTRY ? RANKS.length : RANKS.findIndex((names) => names.includes(file.split('/')[0] ?? ''));
const folderOf = (file: string): string => file.split('/')[0] ?? '';

/** Which files of `src` each file names. */
function importsOfFiles(): Map<string, readonly string[]> {
  const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
    .map((name) => name.split(path.sep).join('/'))
    .filter((name) => name.endsWith('.ts'));
  return new Map(
    files.map((file) => {
      const text = readFileSync(path.join(SRC, file), 'utf8');
      const named = [...text.matchAll(NAMED)].map(([, target = '']) =>
        path.posix.normalize(path.posix.join(path.posix.dirname(file), target)),
      );
      const sources = named.map((name) => name.replace(/\.js$/, '.ts'));
      return [file, sources.filter((name) => name.endsWith('.ts') && existsSync(path.join(SRC, name)))];
    }),
  );
}

const IMPORTS = importsOfFiles();

test('every file lies in a folder that has a rank', () => {
  expect([...IMPORTS.keys()].filter((file) => rankOf(file) === -1)).toEqual([]);
});

test('imports lead to lower ranks, or stay in their folder', () => {
  expect(IMPORTS.get('run/translate-pages.ts')).toContain('model/stop.ts');
  const wrong = [...IMPORTS].flatMap(([file, named]) =>
    named
      .filter((other) => folderOf(other) !== folderOf(file) && rankOf(other) >= rankOf(file))
      .map((other) => `${file} -> ${other}`),
  );
  expect(wrong).toEqual([]);
});

test('what is not part of a bundle is imported from its source alone: the built program has no import()', () => {
  const wrong = [...IMPORTS.keys()].flatMap((file) => {
    const calls = readFileSync(path.join(SRC, file), 'utf8').matchAll(/\bimport\(\s*(?!['"`])([^)]*)/g);
    return [...calls].flatMap(([, what = '']) =>
      /^(?:SOURCE\.href)?$/.test(what) || file === 'model/load-built.ts' ? [] : [`${file}: ${what}`],
    );
  });
  expect(wrong).toEqual([]);
});

test('no files import each other in a circle', () => {
  const left = new Map([...IMPORTS].map(([file, named]) => [file, new Set(named)]));
  for (;;) {
    const free = [...left].flatMap(([file, named]) => (named.size === 0 ? [file] : []));
    if (free.length === 0) break;
    for (const file of free) left.delete(file);
    for (const named of left.values()) for (const file of free) named.delete(file);
  }
  // What is left imports in a circle, or from one.
  expect([...left.keys()]).toEqual([]);
});
