import { stat } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { docPages, ROOT, readPage, withoutCode } from './shown.ts';

const PAGES = await docPages();

/** The anchor that GitHub gives a heading. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replace(/\s/g, '-');

async function anchorsIn(page: string): Promise<string[]> {
  const text = withoutCode(await readPage(page));
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => anchorOf(heading));
}

test('there are pages', () => {
  expect(PAGES).toContain('README.md');
  expect(PAGES).toContain('README.zh-CN.md');
  expect(PAGES).toContain('docs/configuration.md');
});

test.each(PAGES)('links of %s lead somewhere', async (page) => {
  const text = withoutCode(await readPage(page));
  const broken: string[] = [];
  for (const [, link = ''] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
    if (/^https?:/.test(link)) continue;
    const [file = '', anchor] = link.split('#');
    const target = file === '' ? page : path.join(path.dirname(page), file);
    const found = await stat(path.join(ROOT, target)).catch(() => undefined);
    if (!found) broken.push(link);
    else if (anchor !== undefined && !(await anchorsIn(target)).includes(anchor)) broken.push(link);
  }
  expect(broken).toEqual([]);
});
