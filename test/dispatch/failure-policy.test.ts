import { describe, expect, test } from 'vitest';
import { bad, breaks, failed, lost, only, share, type Try } from './natures.ts';
import type { Story } from './story.ts';
import { type Scenario, storyOf } from './world.ts';

const ASSERT = failed('RuntimeError: CUDA error: device-side assert triggered');
const ODD = failed('RuntimeError: the flux capacitor is empty');
const OOM = failed('CUDA out of memory. Tried to allocate 20.00 MiB', 'oom');

/** A word that no other page fails with. */
const ownWord = ({ page }: Try) => {
  const letters = [...String(page)].map((digit) => 'abcdefghij'[Number(digit)]).join('');
  return failed(`ValueError: ${letters}`);
};

/** Of all workers' time controls take a tenth, beyond the two that are always allowed. */
function expectFewControls(story: Story, loadSeconds: number): void {
  const free = 2 * (loadSeconds + 1);
  const most = 0.1 * story.workerSeconds + Math.max(free, loadSeconds + 1);
  expect(story.controlSeconds).toBeLessThanOrEqual(most);
}

describe.each([undefined, 'hold', 'send'] as const)('pages ahead: %s', (ahead) => {
  const run = (scenario: Scenario) => storyOf({ ahead, ...scenario });

  test.each([
    ['words of a broken context', ASSERT],
    ['odd words', ODD],
  ])('a page breaks its process for all pages after it, with %s', async (_what, end) => {
    const story = await run({ pages: 40, page: breaks(only(5), end) });
    expect(story.figures).toEqual({ good: 39, failed: 1, left: 0, exit: 1 });
    expect(story.failedPages).toEqual([5]);
    expect(story.loads).toBeLessThanOrEqual(4);
    expect(story.asked).toBeLessThanOrEqual(44);
  });

  test.each([
    ['words of a broken context', ASSERT],
    ['odd words', ODD],
  ])('two such pages in a row, the last page, and one on two devices, with %s', async (_what, end) => {
    const two = await run({ pages: 20, page: breaks(only(5, 6), end) });
    expect(two.failedPages).toEqual([5, 6]);
    const last = await run({ pages: 10, page: breaks(only(10), end) });
    expect(last.failedPages).toEqual([10]);
    const devices = await run({ pages: 30, gpus: 2, page: breaks(only(5), end) });
    expect(devices.failedPages).toEqual([5]);
    expect(devices.benched.size).toBe(0);
  });

  test('a process is out of memory for ever after one page', async () => {
    const story = await run({ pages: 30, page: breaks(only(5), OOM) });
    expect(story.good).toBeGreaterThanOrEqual(29);
    expect(story.figures).toMatchObject({ left: 0, failed: 30 - story.good });
    expect(story.loads).toBeLessThanOrEqual(5);
  });

  test.each([
    ['the same words', ODD],
    ['words of their own', ownWord],
  ])('two bad pages in a row, with %s', async (_what, end) => {
    const story = await run({ pages: 40, page: bad(only(10, 11), end) });
    expect(story.figures).toEqual({ good: 38, failed: 2, left: 0, exit: 1 });
    expect(story.loads).toBeLessThanOrEqual(3);
  });

  test('all pages are bad with the same words: it stops after a few, and none has failed', async () => {
    const story = await run({ pages: 200, page: bad(() => true, ODD) });
    expect(story.figures).toEqual({ good: 0, failed: 0, left: 200, exit: 3 });
    expect(story.asked).toBeLessThanOrEqual(12);
    expect(story.hopeless).toContain('flux capacitor');
  });

  test('all pages are bad, each with words of its own: all have failed', async () => {
    const story = await run({ pages: 60, page: bad(() => true, ownWord) });
    expect(story.figures).toEqual({ good: 0, failed: 60, left: 0, exit: 1 });
    expectFewControls(story, 2);
  });

  test.each([1, 2, 3, 4])('%i pages in all, and all are bad: they have failed', async (pages) => {
    const story = await run({ pages, page: bad(() => true, ODD) });
    expect(story.figures).toEqual({ good: 0, failed: pages, left: 0, exit: 1 });
  });

  test.each([
    ['the same words', ODD],
    ['words of their own', ownWord],
  ])('30 % are bad with %s, and a load takes a minute', async (_what, end) => {
    const story = await run({ pages: 400, page: bad(share(30), end), loadSeconds: () => 60 });
    expect(story.figures).toEqual({ good: 280, failed: 120, left: 0, exit: 1 });
    expectFewControls(story, 60);
  });

  test('60 of 200 are bad with one message: three loads at most', async () => {
    const story = await run({ pages: 200, page: bad(share(30), ODD) });
    expect(story.figures).toEqual({ good: 140, failed: 60, left: 0, exit: 1 });
    expect(story.loads).toBeLessThanOrEqual(3);
  });

  test('60 of 200 are bad with as many messages: few controls', async () => {
    const story = await run({ pages: 200, page: bad(share(30), ownWord) });
    expect(story.figures).toEqual({ good: 140, failed: 60, left: 0, exit: 1 });
    expectFewControls(story, 2);
  });

  test('12 bad pages first, then good ones, on two devices', async () => {
    const story = await run({ pages: 100, gpus: 2, page: bad((page) => page <= 12, ODD) });
    expect(story.figures).toEqual({ good: 88, failed: 12, left: 0, exit: 1 });
  });

  test('the last 8 pages are bad, on two devices', async () => {
    const story = await run({ pages: 100, gpus: 2, page: bad((page) => page > 92, ODD) });
    expect(story.figures).toEqual({ good: 92, failed: 8, left: 0, exit: 1 });
  });

  test.each([1, 2])(
    'a page breaks each process that has it, on %i devices: two, and no more',
    async (gpus) => {
      const story = await run({ pages: 40, gpus, page: bad(only(7), lost('SIGSEGV')) });
      expect(story.figures).toEqual({ good: 39, failed: 1, left: 0, exit: 1 });
      expect(story.timesOf(7)).toBeLessThanOrEqual(3);
    },
  );
});
