import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Page } from '../../src/model/page.ts';
import { Inspector } from '../../src/pages/inspector.ts';
import { PageCosts } from '../../src/schedule/page-costs.ts';
import { png } from '../fixtures/images.ts';

/** Costs of pages with these contents, once they were measured. */
async function given(contents: Readonly<Record<string, Buffer>>) {
  const folder = await mkdtemp(path.join(tmpdir(), 'costs-'));
  const inspector = new Inspector();
  onTestFinished(async () => {
    await inspector.close();
    await rm(folder, { recursive: true });
  });
  const pages: Page[] = [];
  for (const [id, content] of Object.entries(contents)) {
    pages.push({ id, path: path.join(folder, id) });
    await writeFile(path.join(folder, id), content);
  }
  const costs = new PageCosts();
  const measure = (): Promise<void> => costs.measure(pages, inspector);
  return { costs, measure };
}

test('a page costs its pixels', async () => {
  const { costs, measure } = await given({ 'a.png': png(10, 20), 'b.png': png(30, 20) });
  await measure();
  expect(['a.png', 'b.png'].map(costs.of)).toEqual([200, 600]);
});

test('a page that can’t be measured counts as an average one', async () => {
  const { costs, measure } = await given({
    'a.png': png(10, 20),
    'b.png': png(30, 20),
    'c.png': Buffer.from('no image'),
  });
  await measure();
  expect(costs.of('c.png')).toBe(400);
  expect(costs.of('nobody.png')).toBe(400);
});

test('before anything is measured all pages are alike', () => {
  const costs = new PageCosts();
  expect(costs.of('a.png')).toBe(costs.of('b.png'));
  expect(costs.of('a.png')).toBeGreaterThan(0);
});

test('a page that is measured twice counts once', async () => {
  const { costs, measure } = await given({ 'a.png': png(10, 20), 'b.png': png(30, 20) });
  await measure();
  await measure();
  expect(costs.of('nobody.png')).toBe(400);
});
