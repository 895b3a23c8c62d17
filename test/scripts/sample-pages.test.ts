import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { decodePng } from '../fixtures/png-pixels.ts';

const TEST_MS = 60_000;

test('draws a dozen whole pages in two chapters, the same each time, no two alike', { timeout: TEST_MS }, ({
  onTestFinished,
}) => {
  const root = mkdtempSync(join(tmpdir(), 'samples-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const draw = (name: string): Buffer[] => {
    const script = join(import.meta.dirname, '../../scripts/sample-pages.js');
    execFileSync(process.execPath, [script, join(root, name)], { stdio: 'pipe' });
    return ['chapter-1', 'chapter-2'].flatMap((chapter) =>
      readdirSync(join(root, name, chapter)).map((page) => readFileSync(join(root, name, chapter, page))),
    );
  };
  const pages = draw('a');
  expect(pages.map((page) => decodePng(page).height)).toEqual(Array(12).fill(1000));
  const texts = pages.map((page) => page.toString('base64'));
  expect(new Set(texts).size).toBe(12);
  expect(draw('b').map((page) => page.toString('base64'))).toEqual(texts);
});
