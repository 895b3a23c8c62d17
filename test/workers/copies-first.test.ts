import { expect, test } from 'vitest';
import { copiesAreResults, type OutputsSeen } from '../../src/workers/copies-first.ts';

const at = (...times: number[]) => times.map((writtenMs) => ({ writtenMs, namedMs: undefined }));
const SEEN: OutputsSeen = {
  pages: 4,
  copies: [],
  translatedMs: [],
  wasRewritten: false,
  tellsFailure: true,
};

test.each<[string, Partial<OutputsSeen>, boolean]>([
  ['pages without text among others', { copies: at(300), translatedMs: [100, 200, 400] }, true],
  ['the first pages have no text', { copies: at(100, 200), translatedMs: [300, 400] }, true],
  ['it ended in the middle', { copies: at(1, 2), translatedMs: [] }, true],
  ['all pages have no text', { copies: at(100, 200, 300, 400) }, true],
  ['all were copied, and none was translated', { copies: at(1, 2, 3, 4) }, false],
  ['all were copied, one of them late on a busy machine', { copies: at(1, 2, 200, 201) }, false],
  ['all were copied, and one was translated', { copies: at(1, 2, 3), translatedMs: [500] }, false],
  ['one of many was seen to be translated in place', { copies: at(1, 300), wasRewritten: true }, false],
  ['one page was left to be translated', { copies: at(3), translatedMs: [500, 900, 1300] }, false],
  ['a page by itself that failed', { pages: 1, copies: at(1) }, false],
  ['a page by itself whose exit code alone is bad', { pages: 1, copies: at(1), tellsFailure: false }, true],
  ['a page that was worked on', { pages: 1, copies: [{ writtenMs: 500, namedMs: 100 }] }, true],
  ['a page that was named and copied first', { pages: 1, copies: [{ writtenMs: 105, namedMs: 100 }] }, false],
])('%s', (_, seen, areResults) => {
  expect(copiesAreResults({ ...SEEN, ...seen })).toBe(areResults);
});
