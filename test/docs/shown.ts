import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

export const ROOT = path.resolve(import.meta.dirname, '../..');

/** A fenced block of a page that has a title: it works as it is shown. */
export interface ShownBlock {
  readonly language: string;
  readonly title: string;
  readonly code: string;
}

/** All pages for people, relative to the root. */
export async function docPages(): Promise<string[]> {
  const [root, docs] = await Promise.all([readdir(ROOT), readdir(path.join(ROOT, 'docs'))]);
  return [...root, ...docs.map((name) => `docs/${name}`)].filter((name) => name.endsWith('.md'));
}

export const readPage = (page: string): Promise<string> => readFile(path.join(ROOT, page), 'utf8');

/** The blocks of a page that are marked by a title: ```sh title=kaggle */
export const titledBlocks = (text: string): ShownBlock[] =>
  [...text.matchAll(/^```(\w+) title=(\S+)\n(.*?)^```$/gms)].map(
    ([, language = '', title = '', code = '']) => ({ language, title, code }),
  );

/** A page without its fenced blocks. */
export const withoutCode = (text: string): string => text.replace(/^```.*?^```$/gms, '');
