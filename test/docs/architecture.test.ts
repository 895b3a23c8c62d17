import { readdirSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { RANKS } from '../src-ranks.ts';
import { ROOT, readPage } from './shown.ts';

const PAGE = await readPage('docs/architecture.md');
const ENTRIES = ['src', 'test', 'scripts', 'bin'].flatMap((top) =>
  readdirSync(path.join(ROOT, top), { recursive: true, withFileTypes: true }).map((entry) => ({
    path: path.relative(ROOT, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'),
    isFolder: entry.isDirectory(),
  })),
);
const FOLDERS = ENTRIES.filter(({ isFolder }) => isFolder).map((entry) => entry.path);
const FILES = ENTRIES.filter(({ isFolder }) => !isFolder).map((entry) => entry.path);

const quoted = (text: string): string[] => [...text.matchAll(/`([^`\n]+)`/g)].map(([, word = '']) => word);

/** The rows of the map: the folders of a rank, and what is said about them. */
const MAP = PAGE.slice(PAGE.indexOf('## The folders of src'), PAGE.indexOf('## Where new things go'))
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) => {
    const [, folders = '', about = ''] = line.split('|');
    return { folders: quoted(folders), about: quoted(about) };
  });

test('the map has the ranks that imports keep to', () => {
  expect(MAP.map(({ folders }) => folders)).toEqual(RANKS);
});

test('each folder within a folder is on the map', () => {
  const missing = FOLDERS.filter((folder) => {
    const [top, first = '', second] = folder.split('/');
    if (top !== 'src' || second === undefined || first === 'python') return false;
    return !MAP.find(({ folders }) => folders.includes(first))?.about.includes(second);
  });
  expect(FOLDERS).toContain('src/run/slots');
  expect(missing).toEqual([]);
});

test('files and folders that the page names are there', () => {
  const files = quoted(PAGE).filter((word) => /^[\w./-]+\.(ts|js|py)$/.test(word));
  expect(files.length).toBeGreaterThan(50);
  expect(files.filter((name) => !FILES.some((file) => file === name || file.endsWith(`/${name}`)))).toEqual(
    [],
  );
  const folders = quoted(PAGE).filter((word) => /^(src|test|report|run)\/[\w/-]+$/.test(word));
  expect(folders.filter((name) => !FOLDERS.includes(name) && !FOLDERS.includes(`src/${name}`))).toEqual([]);
});
