import { truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { Happening } from '../../../src/model/events.ts';
import type { ArchiveEntry, Page } from '../../../src/model/page.ts';
import { OnTrial } from '../../../src/run/slots/on-trial.ts';
import { LinkMode } from '../../../src/store/outputs/link-mode.ts';
import { tempFolder } from '../../pages/temp-folder.ts';

const MB = 1024 * 1024;
const PAGES = Array.from({ length: 1000 }, (_, at) => ({ id: `${at}.png`, path: `/in/${at}.png` }));
const pagesOf = (bytes: number) => new Map(PAGES.map(({ id }) => [id, bytes]));

async function begin(
  links: LinkMode,
  { slots = 1, bytes = new Map<string, number>(), pages = PAGES as readonly Page[] } = {},
) {
  const told: Happening[] = [];
  const resolved = { folders: { workPlace: tmpdir() } };
  const setup = { links, resolved, emit: (event: Happening) => told.push(event) };
  const onTrial = await OnTrial.begin(setup, { pages, bytes, slots });
  return { told, first: (some = pages) => onTrial.firstOf(some).length };
}

test('a program on trial begins with few pages, and gets all of them once it has passed', async () => {
  const links = new LinkMode({ copies: false, isKnown: false });
  const { told, first } = await begin(links);
  expect(first()).toBeGreaterThan(0);
  expect(first()).toBeLessThanOrEqual(256);
  first();
  expect(told).toHaveLength(1);
  expect(first(PAGES.slice(0, 1))).toBe(1);
  links.passedTrial();
  expect(first()).toBe(1000);
});

test('how many that are goes by their bytes, not by how large a page can be', async () => {
  const links = () => new LinkMode({ copies: false, isKnown: false });
  const small = await begin(links(), { bytes: pagesOf(1000), slots: 64 });
  expect(small.first()).toBe(256);
  expect(small.first(PAGES.slice(0, 120))).toBe(120);
  expect((await begin(links(), { bytes: pagesOf(8 * MB) })).first()).toBe(32);
  expect((await begin(links(), { bytes: pagesOf(1000 * MB) })).first()).toBe(1);
});

test('pages that nobody has measured take what some of them take', async () => {
  const folder = await tempFolder();
  const pages = PAGES.slice(0, 300).map(({ id }) => ({ id, path: path.join(folder, id) }));
  await Promise.all(pages.map((page) => writeFile(page.path, 'x')));
  const links = () => new LinkMode({ copies: false, isKnown: false });
  expect((await begin(links(), { pages })).first()).toBe(256);
  for (const { path: file } of pages) await truncate(file, 8 * MB);
  expect((await begin(links(), { pages })).first()).toBe(32);
  const entry = { bytes: 64 * MB } as ArchiveEntry;
  expect((await begin(links(), { pages: pages.map((page) => ({ ...page, entry })) })).first()).toBe(4);
});

test('on a disk that is nearly full it begins with a page; what is known, or gets copies anyway, with all', async () => {
  expect((await begin(new LinkMode({ copies: false, isKnown: false }), { slots: 1e9 })).first()).toBe(1);
  expect((await begin(new LinkMode({ copies: true, isKnown: false }), { slots: 1e9 })).first()).toBe(1000);
  expect((await begin(new LinkMode({ copies: false, isKnown: true }), { slots: 1e9 })).first()).toBe(1000);
});
