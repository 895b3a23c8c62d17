import { describe, expect, test } from 'vitest';
import { bad, busy, failed, only, type PageNature } from './natures.ts';
import { type Scenario, storyOf } from './world.ts';

const KEY = failed('AuthenticationError: Error code: 401 - Incorrect API key provided');
const LIMIT = 'RateLimitError: Error code: 429 - Rate limit reached for requests';

/** The service refuses until then. */
const until =
  (second: number, end = busy(LIMIT)): PageNature =>
  ({ seconds }) =>
    seconds < second ? end : undefined;

describe.each([undefined, 'hold', 'send'] as const)('pages ahead: %s', (ahead) => {
  const run = (scenario: Scenario) => storyOf({ ahead, ...scenario });

  test.each([
    [1, 1],
    [2, 1],
    [4, 2],
  ])('a wrong key, %i devices with %i slots: it stops, and no page has failed', async (gpus, workers) => {
    const story = await run({ pages: 200, gpus, workers, page: () => KEY });
    expect(story.figures).toEqual({ good: 0, failed: 0, left: 200, exit: 3 });
    const slots = gpus * workers;
    expect(story.asked).toBeLessThanOrEqual(Math.max(5, 2 * slots) + 3 + 2 * slots);
    if (slots <= 2) expect(story.asked).toBeLessThanOrEqual(12);
    expect(story.hopeless).toContain('Incorrect API key');
  });

  test.each([1, 2, 4])('a key that dies in mid-run, on %i devices', async (gpus) => {
    const page: PageNature = ({ seconds }) => (seconds > 20 ? KEY : undefined);
    const story = await run({ pages: 300, gpus, page, pageSeconds: () => 0.5 });
    expect(story.figures).toMatchObject({ failed: 0, left: 300 - story.good, exit: 3 });
    const askedInVain = story.asked - story.good;
    // Pages in hand when it is clear, and one that a control asked twice for, come on top.
    expect(askedInVain).toBeLessThanOrEqual(Math.max(10, 4 * gpus) + 2 + 2 * gpus);
  });

  test.each([
    [1, busy(LIMIT)],
    [2, busy(LIMIT)],
    [4, busy(LIMIT)],
    [2, busy(LIMIT, 3)],
    [2, failed(LIMIT)],
  ])('a service that refuses for some seconds, %i slots: no page is lost', async (gpus, end) => {
    const refuses: PageNature = ({ seconds }) => (seconds > 10 && seconds < 16 ? end : undefined);
    const story = await run({
      pages: 60,
      gpus,
      page: refuses,
      pageSeconds: () => 0.1,
      loadSeconds: () => 9.5,
    });
    expect(story.figures).toEqual({ good: 60, failed: 0, left: 0, exit: 0 });
    expect(story.retried).toBe(0);
    const again = story.refusedAgainAt;
    expect(again.length).toBeLessThanOrEqual(6);
    if (ahead === 'send') return;
    const gaps = again.slice(1).map((at, index) => at - (again[index] ?? 0));
    expect(Math.min(1, ...gaps)).toBeGreaterThanOrEqual(1);
  });

  test('a service that refuses from the start', async () => {
    const story = await run({ pages: 40, gpus: 2, page: until(8.1) });
    expect(story.figures).toEqual({ good: 40, failed: 0, left: 0, exit: 0 });
  });

  test.each([
    ['one request in three seconds', 1, 3],
    ['one request in three seconds', 3, 3],
    ['five requests in half a minute', 1, 30],
    ['five requests in half a minute', 4, 30],
  ])('a service with a limit of %s, %i slots: no page is lost', async (_limit, gpus, window) => {
    const taken: number[] = [];
    const most = window === 3 ? 1 : 5;
    const limited: PageNature = ({ seconds }) => {
      while ((taken[0] ?? seconds) <= seconds - window) taken.shift();
      if (taken.length >= most) return busy(LIMIT);
      taken.push(seconds);
      return undefined;
    };
    const story = await run({ pages: 40, gpus, page: limited });
    expect(story.figures).toEqual({ good: 40, failed: 0, left: 0, exit: 0 });
  });

  test('a service that refuses for ever ends the run after the wait', async () => {
    const story = await run({ pages: 40, gpus: 2, page: () => busy(LIMIT), serviceWaitSeconds: 1800 });
    expect(story.figures).toEqual({ good: 0, failed: 0, left: 40, exit: 3 });
    expect(story.hopeless).toContain('Rate limit');
    expect(story.seconds).toBeGreaterThan(1800);
    expect(story.seconds).toBeLessThan(2400);
  });

  test.each([1, 2])(
    'a page that a service refuses while others pass: failed after three, %i slots',
    async (gpus) => {
      const story = await run({ pages: 40, gpus, page: bad(only(7), busy(LIMIT)) });
      expect(story.figures).toEqual({ good: 39, failed: 1, left: 0, exit: 1 });
      expect(story.timesOf(7)).toBe(3);
    },
  );

  test('two pages that a service refuses while others pass', async () => {
    const story = await run({ pages: 40, gpus: 2, page: bad(only(7, 8), busy(LIMIT)) });
    expect(story.figures).toEqual({ good: 38, failed: 2, left: 0, exit: 1 });
  });

  test('the last page is refused for ever: nobody knows whether others would be', async () => {
    const story = await run({ pages: 3, page: bad(only(3), busy(LIMIT)), serviceWaitSeconds: 60 });
    expect(story.figures).toEqual({ good: 2, failed: 0, left: 1, exit: 3 });
  });

  test('a quota that is exceeded is not waited for', async () => {
    const quota = failed(
      'RateLimitError: Error code: 429 - You exceeded your current quota, insufficient_quota',
    );
    const story = await run({ pages: 40, gpus: 2, page: () => quota });
    expect(story.figures).toEqual({ good: 0, failed: 0, left: 40, exit: 3 });
    expect(story.seconds).toBeLessThan(30);
  });
});
