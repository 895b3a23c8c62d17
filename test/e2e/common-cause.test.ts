import { expect, test } from 'vitest';
import { checkAccounts, type FinishedRun, runToEnd } from './accounts.ts';
import { badOnes, numbered } from './blame.ts';
import { mangaPlace, startManga } from './manga.ts';
import { runWarm, warmPlace } from './warm.ts';

const WRONG_KEY = 'openai.AuthenticationError: Error code: 401 - Incorrect API key provided';
/** Pages that any fake came to. */
const asked = ({ begun }: FinishedRun): number => new Set(begun).size;

// dispatch/failure-policy, services and one-shot-policy have more: few pages, more slots, the first of many pages.
test('every page fails with the same words: the run stops with them, and no page has failed', async () => {
  const run = await runWarm({ pages: numbered(200), env: { FAKE_FAIL_ALL: WRONG_KEY } });
  expect(run.code).toBe(3);
  expect(run.counts).toMatchObject({ translated: 0, failed: 0, left: 200 });
  expect(run.outcomes).toEqual({});
  expect(run.begun.length).toBeLessThanOrEqual(12);
  expect(run.launcher.stderr).toContain('401 - Incorrect API key provided');
  expect(run.launcher.of('run-finished')[0]?.message).toContain('Incorrect API key provided');
  expect(run.launcher.of('gpu-benched')).toEqual([]);
});

test('a key that dies in mid-run stops it soon, and the next run does the rest', async () => {
  const place = await warmPlace({ pages: numbered(80) });
  const env = { FAKE_FAIL_ALL: WRONG_KEY, FAKE_FAIL_AFTER: '20' };
  const run = await runWarm({ place, env });
  expect(run.code).toBe(3);
  expect(run.counts).toMatchObject({ translated: 20, failed: 0, left: 60 });
  // Each of the two has a page at work, and one in its pipe, when the last failure counts.
  expect(asked(run)).toBeLessThanOrEqual(20 + 10 + 2 * 2);
  expect(run.launcher.stderr).toContain('Incorrect API key provided');

  const next = await runWarm({ place });
  expect(next.code).toBe(0);
  expect(next.counts).toMatchObject({ translated: 60, skipped: 20, failed: 0, left: 0 });
});

test('the last of many pages are bad', async () => {
  const pages = numbered(100);
  const bad = pages.slice(92);
  const plan = Object.fromEntries(bad.map((page) => [page, 'error']));
  const run = await runWarm({ pages, plan });
  expect(Object.keys(badOnes(run)).sort()).toEqual(bad);
  expect(run.counts).toMatchObject({ translated: 92, failed: 8, left: 0 });
  expect(run.code).toBe(1);
});

test('pages that failed in an earlier run are no evidence', async () => {
  const pages = numbered(30);
  const place = await warmPlace({ pages });
  const plan = { '0[01]?.png': 'error' };
  const first = await runWarm({ place, plan });
  expect(first.counts).toMatchObject({ translated: 11, failed: 19, left: 0 });
  const next = await runWarm({ place, plan });
  expect(next.code).toBe(1);
  expect(next.counts).toMatchObject({ failed: 19, skipped: 11, left: 0 });
});

test('a script that dies of every page: the run stops with its words', async () => {
  const run = await runToEnd({ pages: numbered(60), env: { FAKE_FAIL_ALL: WRONG_KEY } });
  expect(run.code).toBe(3);
  expect(run.counts).toMatchObject({ translated: 0, failed: 0, left: 60 });
  expect(run.begun.length).toBeLessThanOrEqual(12);
  expect(run.launcher.stderr).toContain('Incorrect API key provided');
});

test('a program that tells each failure and goes on is ended in mid-batch', async () => {
  const pages = Array.from({ length: 60 }, (_, at) => `${100 + at}-fail-detection.png`);
  const place = await mangaPlace(pages, 2);
  const env = { FAKE_MANGA_DOWNLOAD_SECONDS: '0', FAKE_MANGA_PAGE_SECONDS: '0.3' };
  const run = await checkAccounts(place, startManga(place, ['--warm', 'off'], env));
  expect(run.code).toBe(3);
  expect(run.counts).toMatchObject({ translated: 0, failed: 0, left: 60 });
  expect(run.launcher.of('page-started').length).toBeLessThanOrEqual(12);
  expect(run.launcher.stderr).toContain('this page fails in detection');
});

test('a script whose key dies in mid-run', async () => {
  const env = { FAKE_FAIL_ALL: WRONG_KEY, FAKE_FAIL_AFTER: '20' };
  const run = await runToEnd({ pages: numbered(60), env });
  expect(run.code).toBe(3);
  expect(run.counts).toMatchObject({ translated: 20, failed: 0, left: 40 });
  // The page that each child was on that had done some before is no evidence.
  expect(asked(run)).toBeLessThanOrEqual(20 + 10 + 3 * 2);
  const next = await runToEnd({ place: run.place });
  expect(next.code).toBe(0);
  expect(next.counts).toMatchObject({ translated: 40, skipped: 20, left: 0 });
});
