import { expect, test } from 'vitest';
import type { Page } from '../../src/model/page.ts';
import { foldersFound } from '../../src/run/folders-found.ts';

const page = (id: string): Page => ({ id, path: `/in/${id}` });

test('counts the pages of a chunk by folder; the folder that the walk is in stands last', () => {
  const walked = ['a/1.png', 'a/b/1.png', 'a/2.png', 'z.png', 'a/other-part.png'].map(page);
  const [one, two, three, four] = walked as [Page, Page, Page, Page];
  const chunk = {
    walked,
    todo: [one],
    done: [two],
    unreadable: [three],
    collisions: [{ page: four, with: 'x' }],
  };
  expect([...foldersFound(chunk)]).toEqual([
    [
      { folder: 'a', pages: 2, skipped: 0 },
      { folder: 'a/b', pages: 1, skipped: 1 },
      { folder: '.', pages: 1, skipped: 0 },
    ],
  ]);
});

test('paths of any length make events of a bounded one', () => {
  const todo = Array.from({ length: 200 }, (_, n) => page(`${n}${'x'.repeat(4000)}/1.png`));
  const events = [...foldersFound({ walked: todo, todo, done: [], unreadable: [], collisions: [] })];
  expect(events.flat()).toHaveLength(200);
  for (const event of events) expect(JSON.stringify(event).length).toBeLessThan(100_000);
});
