import { expect, test } from 'vitest';
import { pageFilter } from '../../src/pages/page-filter.ts';
import { unreadableFolder } from '../../src/pages/read-folder.ts';

test.each(["Bob's [x] (2020)", 'vol1/ch *', 'a\\b', 'ch1'])('the hint at %s leaves it out', async (id) => {
  const { hint = '' } = unreadableFolder(`/in/${id}`, id, Object.assign(new Error(), { code: 'EACCES' }));
  const quoted = /--exclude (.*)$/.exec(hint)?.[1] ?? '';
  const pattern = quoted.replace(/^'|'$/g, '').replaceAll("'\\''", "'");
  const filter = await pageFilter([], [pattern]);
  expect(filter.leavesOutFolder(id)).toBe(true);
  expect(filter.leavesOutFolder(`x/${id}`)).toBe(false);
});

test('an input that can not be read can not be left out of itself', () => {
  const { hint } = unreadableFolder('/in', '', Object.assign(new Error('why'), { code: 'EIO' }));
  expect(hint).toBe('make it readable');
});
