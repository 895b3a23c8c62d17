import { describe, expect, test } from 'vitest';
import { PageRate } from '../../src/dispatch/page-rate.ts';
import { busy, type PageNature } from './natures.ts';
import { type Scenario, storyOf } from './world.ts';

test('a burst, then one page after the other', () => {
  const rate = new PageRate(60, 1000);
  for (let page = 0; page < 5; page += 1) {
    expect(rate.waitMs(1, 1000)).toBe(0);
    rate.began(1, 1000);
  }
  expect(rate.waitMs(1, 1000)).toBe(1000);
  expect(rate.waitMs(1, 1600)).toBe(400);
  expect(rate.waitMs(1, 2000)).toBe(0);
});

test('what nobody used for an hour is worth no more than the burst', () => {
  const rate = new PageRate(60, 0);
  expect(rate.waitMs(5, 3_600_000)).toBe(0);
  rate.began(5, 3_600_000);
  expect(rate.waitMs(1, 3_600_000)).toBe(1000);
});

test('a batch may begin where a burst may, and is paid for afterwards', () => {
  const rate = new PageRate(60, 0);
  expect(rate.waitMs(30, 0)).toBe(0);
  rate.began(30, 0);
  expect(rate.waitMs(30, 0)).toBe(30_000);
  expect(rate.waitMs(1, 25_000)).toBe(1000);
});

test('a limit below one page in five seconds has a burst of one page', () => {
  const rate = new PageRate(1, 0);
  rate.began(1, 0);
  expect(rate.waitMs(1, 0)).toBe(60_000);
});

/** The most pages that began in any minute. */
const mostInAMinute = (times: readonly number[]): number =>
  Math.max(...times.map((at) => times.filter((other) => other >= at && other < at + 60).length));

describe.each([undefined, 'hold', 'send'] as const)('pages ahead: %s', (ahead) => {
  const run = (scenario: Scenario) => storyOf({ ahead, ...scenario });

  test.each([1, 3, 8])('%i slots keep to the limit, and use it', async (gpus) => {
    const story = await run({ pages: 150, gpus, pagesPerMinute: 60, pageSeconds: () => 0.1 });
    expect(story.figures).toEqual({ good: 150, failed: 0, left: 0, exit: 0 });
    expect(mostInAMinute(story.askedAt)).toBeLessThanOrEqual(60 + 5);
    expect(story.seconds).toBeLessThanOrEqual(150 + 5);
  });

  test('models load meanwhile, and their pages don’t begin together afterwards', async () => {
    const loadSeconds = ({ id }: { id: string }): number => 40 - Number(id.at(3)) * 4;
    const story = await run({ pages: 40, gpus: 8, pagesPerMinute: 12, pageSeconds: () => 0.1, loadSeconds });
    expect(story.good).toBe(40);
    expect(mostInAMinute(story.askedAt)).toBeLessThanOrEqual(12 + 1);
    expect(story.loads).toBe(8);
  });

  test('a limit that is never reached costs nothing', async () => {
    const scenario = { pages: 100, gpus: 2, pageSeconds: () => 2 };
    const [without, limited] = await Promise.all([run(scenario), run({ ...scenario, pagesPerMinute: 120 })]);
    expect(limited.seconds).toBe(without.seconds);
  });

  test('tries of pages that failed are bounded, too', async () => {
    const nature: PageNature = ({ page, times }) =>
      page % 2 === 0 && times < 3 ? { by: 'failed', reason: 'error', message: `odd ${page}` } : undefined;
    const story = await run({ pages: 60, gpus: 2, pagesPerMinute: 30, pageSeconds: () => 0.1, page: nature });
    expect(story.good).toBe(60);
    expect(mostInAMinute(story.askedAt)).toBeLessThanOrEqual(30 + 2);
  });

  test('pages that wait for their turn don’t reach a service that refuses meanwhile', async () => {
    const refuses: PageNature = ({ seconds }) =>
      seconds > 30 && seconds < 50 ? busy('HTTP 429', 20) : undefined;
    const story = await run({
      pages: 60,
      gpus: 4,
      pagesPerMinute: 30,
      pageSeconds: () => 0.1,
      page: refuses,
    });
    expect(story.figures).toEqual({ good: 60, failed: 0, left: 0, exit: 0 });
    expect(story.asked - story.good).toBeLessThanOrEqual(2);
  });

  test('stopping doesn’t wait for anybody’s turn', async () => {
    const events = [{ at: 90, act: (world: { stop: () => void }) => world.stop() }];
    const story = await run({ pages: 40, gpus: 4, pagesPerMinute: 1, pageSeconds: () => 0.1, events });
    expect(story.good).toBe(2);
    expect(story.seconds).toBeLessThan(91);
  });
});

test.each(['even', 'dynamic'] as const)(
  'a script gets no more than its share of a minute, %s',
  async (strategy) => {
    const story = await storyOf({
      pages: 240,
      gpus: 2,
      translator: 'tells',
      strategy,
      pagesPerMinute: 60,
      pageSeconds: () => 0.1,
    });
    expect(story.figures).toEqual({ good: 240, failed: 0, left: 0, exit: 0 });
    // A minute's worth, the burst, and the batch that begins last.
    expect(mostInAMinute(story.askedAt)).toBeLessThanOrEqual(60 + 5 + 30);
    expect(story.seconds).toBeGreaterThanOrEqual(240 - 5 - 60);
    expect(story.seconds).toBeLessThanOrEqual(240 + 10);
  },
);
