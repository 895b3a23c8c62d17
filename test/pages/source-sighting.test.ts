import { expect, test } from 'vitest';
import { changeOf, type SourceSighting } from '../../src/pages/source-sighting.ts';

const BEFORE: SourceSighting = { bytes: 100, mtimeMs: 1, ctimeMs: 1, device: 1, inode: 7, sample: 42 };

test.each<[string, Partial<SourceSighting>, ReturnType<typeof changeOf>]>([
  ['as it was', {}, 'none'],
  ['its times were set', { mtimeMs: 5, ctimeMs: 5 }, 'none'],
  ['it got another link or other rights', { ctimeMs: 5 }, 'none'],
  ['another file of the same content', { inode: 8, mtimeMs: 5, ctimeMs: 5 }, 'none'],
  ['another file', { inode: 8, bytes: 90, sample: 1, mtimeMs: 5, ctimeMs: 5 }, 'replaced'],
  ['a file of another disk', { device: 2, sample: 1, mtimeMs: 5, ctimeMs: 5 }, 'replaced'],
  ['a network disk that numbers files anew', { inode: 8, ctimeMs: 5 }, 'none'],
  ['it grew', { bytes: 101, sample: 43, mtimeMs: 5, ctimeMs: 5 }, 'overwritten'],
  ['it was cut', { bytes: 0, sample: 0, mtimeMs: 5, ctimeMs: 5 }, 'overwritten'],
  ['other content of the same length', { sample: 43, mtimeMs: 5, ctimeMs: 5 }, 'overwritten'],
  ['other content, and the old time set again', { sample: 43, ctimeMs: 5 }, 'overwritten'],
])('%s', (_, now, change) => {
  expect(changeOf(BEFORE, { ...BEFORE, ...now })).toBe(change);
});
