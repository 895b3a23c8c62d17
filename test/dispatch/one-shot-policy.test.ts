import { describe, expect, test } from 'vitest';
import { bad, blackHole, breaks, failed, holds, lost, only, type PageNature, share } from './natures.ts';
import { type Scenario, storyOf } from './world.ts';

const ASSERT = failed('RuntimeError: CUDA error: device-side assert triggered');
const ODD = failed('RuntimeError: the flux capacitor is empty');
const NO_KERNEL = failed(
  'RuntimeError: CUDA error: no kernel image is available for execution on the device',
);
const KEY = failed('AuthenticationError: Error code: 401 - Incorrect API key provided');

const HABITS = [
  ['tells', true],
  ['tells', false],
  ['raises', true],
  ['raises', false],
  ['passes-over', true],
  ['passes-over', false],
] as const;

describe.each(HABITS)('a program that %s its failures, names pages: %s', (translator, namesPages) => {
  const run = (scenario: Scenario) => storyOf({ translator, namesPages, ...scenario });

  test.each([
    ['words of a broken context', ASSERT],
    ['odd words', ODD],
  ])('a page breaks the child in mid-batch, with %s', async (_what, end) => {
    const story = await run({ pages: 40, page: breaks(only(5), end) });
    expect(story.figures).toEqual({ good: 39, failed: 1, left: 0, exit: 1 });
  });

  test('two bad pages in a row', async () => {
    const story = await run({ pages: 40, page: bad(only(10, 11), ODD) });
    expect(story.figures).toEqual({ good: 38, failed: 2, left: 0, exit: 1 });
  });

  test('the first page and the last are bad', async () => {
    const story = await run({ pages: 40, gpus: 2, page: bad(only(1, 40), ODD) });
    expect(story.figures).toEqual({ good: 38, failed: 2, left: 0, exit: 1 });
  });

  test.each([1, 2, 3, 4])('%i pages in all, and all are bad', async (pages) => {
    const story = await run({ pages, page: bad(() => true, ODD) });
    // Where no child gives a sign of any page, three are enough to tell that none will.
    const isSilent = translator !== 'tells' && !namesPages && pages >= 3;
    expect(story.figures).toEqual(
      isSilent ? { good: 0, failed: 0, left: pages, exit: 3 } : { good: 0, failed: pages, left: 0, exit: 1 },
    );
  });

  test('a tenth of the pages are bad', async () => {
    const story = await run({ pages: 100, gpus: 2, page: bad(share(10), ODD) });
    expect(story.figures).toEqual({ good: 90, failed: 10, left: 0, exit: 1 });
  });

  test('a page ends each child that has it', async () => {
    const story = await run({ pages: 40, page: bad(only(7), lost('SIGSEGV')) });
    expect(story.figures).toEqual({ good: 39, failed: 1, left: 0, exit: 1 });
    expect(story.timesOf(7)).toBeLessThanOrEqual(4);
  });

  test.each([1, 7, 8, 40])(
    'bad page %i of 40 costs its tries, and one start for the pages after it',
    async (page) => {
      const story = await run({ pages: 40, workers: 2, strategy: 'even', page: bad(only(page), ODD) });
      expect(story.figures).toEqual({ good: 39, failed: 1, left: 0, exit: 1 });
      expect(story.loads).toBeLessThanOrEqual(2 + 1 + 3);
    },
  );

  test.each([
    [1, 20],
    [2, 20],
    [2, 200],
  ])('all pages fail now, on %i slots with %i pages left of a run that went well', async (workers, pages) => {
    const earlier = { hasFailed: () => false, hasDone: () => true };
    const story = await run({ pages, workers, strategy: 'even', earlier, page: () => KEY });
    expect(story.figures).toEqual({ good: 0, failed: 0, left: pages, exit: 3 });
    expect(story.loads).toBeLessThanOrEqual(8);
  });

  test('three black holes beside a good device', async () => {
    const story = await run({
      pages: 20,
      gpus: 4,
      page: blackHole([1, 2, 3], NO_KERNEL),
      loadSeconds: ({ gpu }) => (gpu?.index === 0 ? 8 : 2),
      pageSeconds: ({ gpu }) => (gpu === 0 ? 1 : 0.01),
    });
    expect(story.figures).toEqual({ good: 20, failed: 0, left: 0, exit: 0 });
  });

  test('a wrong key: it stops, and no page has failed', async () => {
    const story = await run({ pages: 200, gpus: 2, page: () => KEY });
    expect(story.figures).toEqual({ good: 0, failed: 0, left: 200, exit: 3 });
    expect(story.hopeless).toContain('Incorrect API key');
    // One that goes on after each failure is ended before it has failed its whole batch.
    if (translator === 'tells' && namesPages) expect(story.asked).toBeLessThanOrEqual(12);
  });

  test('forty bad pages in a row, in the middle', async () => {
    const story = await run({ pages: 200, gpus: 2, page: bad((page) => page > 20 && page <= 60, ODD) });
    if (translator !== 'tells') return;
    expect(story.figures).toEqual({ good: 160, failed: 40, left: 0, exit: 1 });
  });

  test.each([1, 2])(
    'a key that dies in mid-run, on %i devices: it stops, and no page has failed',
    async (gpus) => {
      const page: PageNature = ({ seconds }) => (seconds > 20 ? KEY : undefined);
      const story = await run({ pages: 300, gpus, page });
      expect(story.figures).toMatchObject({ failed: 0, left: 300 - story.good, exit: 3 });
      expect(story.loads).toBeLessThanOrEqual(30);
    },
  );

  test('12 bad pages first, then good ones, on two devices', async () => {
    const story = await run({ pages: 100, gpus: 2, page: bad((page) => page <= 12, ODD) });
    expect(story.figures).toEqual({ good: 88, failed: 12, left: 0, exit: 1 });
  });

  test('a service refuses for some seconds: no page is lost', async () => {
    const limit = failed('RateLimitError: Error code: 429 - Rate limit reached for requests');
    const refuses: PageNature = ({ seconds }) => (seconds > 10 && seconds < 16 ? limit : undefined);
    const story = await run({ pages: 60, gpus: 2, page: refuses });
    expect(story.figures).toEqual({ good: 60, failed: 0, left: 0, exit: 0 });
  });

  test('the second worker does not fit', async () => {
    const story = await run({ pages: 40, workers: 2, start: holds(1) });
    expect(story.figures).toEqual({ good: 40, failed: 0, left: 0, exit: 0 });
    expect(story.benched.size).toBe(0);
    // No page is suspected for it, and started by itself.
    expect(story.loads).toBeLessThanOrEqual(5);
    expect(story.timesOf(1)).toBe(1);
  });

  test('a script without any sign never starts: it stops', async () => {
    const story = await run({ pages: 40, gpus: 2, start: () => "ModuleNotFoundError: No module named 'x'" });
    expect(story.figures).toEqual({ good: 0, failed: 0, left: 40, exit: 3 });
    expect(story.loads).toBeLessThanOrEqual(10);
  });
});
