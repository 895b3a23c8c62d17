import { describe, expect, test } from 'vitest';
import type { PageNature } from './natures.ts';
import type { Story } from './story.ts';
import { type Scenario, storyOf } from './world.ts';

const GB = 1e9;
const CONTEXT = 0.5 * GB;

/** Pages end for want of memory where those beside them left none: two workers a device, at most. */
const crowded =
  ({ memory, peakOf }: { memory: (gpu: number) => number; peakOf: (page: number) => number }): PageNature =>
  ({ page, gpu, beside }) => {
    const others = [...beside].map((other) => peakOf(other) + CONTEXT);
    return peakOf(page) + CONTEXT + Math.max(0, ...others) > memory(gpu)
      ? { by: 'failed', reason: 'oom', message: `CUDA out of memory on page ${page}` }
      : undefined;
  };

/** Runs with and without a look at memory. */
async function both(
  scenario: Scenario & Required<Pick<Scenario, 'memory'>> & { peakOf: (page: number) => number },
): Promise<{ readonly looking: Story; readonly blind: Story }> {
  const world = { ...scenario, page: crowded(scenario), costOf: scenario.peakOf };
  const [looking, blind] = await Promise.all([storyOf(world), storyOf({ ...world, peakOf: undefined })]);
  return { looking, blind };
}

describe.each([undefined, 'hold', 'send'] as const)('pages ahead: %s', (ahead) => {
  test('a page starts where it fits beside those at work', async () => {
    const peakOf = (page: number): number => (page % 4 === 0 ? 8 : 3) * GB;
    const setup = { ahead, pages: 120, workers: 2, memory: () => 12 * GB, peakOf };
    const { looking, blind } = await both({ ...setup, pageSeconds: ({ page }) => (page % 4 === 0 ? 3 : 1) });
    expect(looking.figures).toEqual({ good: 120, failed: 0, left: 0, exit: 0 });
    expect(looking.asked).toBe(120);
    expect(blind.asked).toBeGreaterThan(120);
    expect(looking.seconds).toBeLessThanOrEqual(blind.seconds);
  });

  test('a page that waits for room keeps newcomers out after two pages’ time', async () => {
    // One that needs the card alone comes fifth, and the stream of small ones never ends by itself.
    const peakOf = (page: number): number => (page === 5 ? 11 : 3) * GB;
    const setup = { ahead, pages: 100, workers: 3, memory: () => 12 * GB, peakOf, costOf: () => 1 };
    const started: number[] = [];
    const story = await storyOf({
      ...setup,
      pageSeconds: ({ page, process }) => {
        started.push(page);
        // Never all at the same time.
        return process.slot.id.endsWith('1') ? 1.3 : 1;
      },
    });
    expect(story.figures).toEqual({ good: 100, failed: 0, left: 0, exit: 0 });
    expect(started.indexOf(5)).toBeLessThanOrEqual(5 + 3 * 4);
  });

  test('with nothing at work a page starts that fits nowhere', async () => {
    const peakOf = (page: number): number => (page % 5 === 0 ? 20 : 3) * GB;
    const story = await storyOf({ ahead, pages: 30, workers: 2, memory: () => 12 * GB, peakOf });
    expect(story.figures).toEqual({ good: 30, failed: 0, left: 0, exit: 0 });
  });
});

/** A page takes a second for each GB: on 12 GB and 4 GB, every fourth page fits on the large card alone. */
const UNEQUAL = {
  pages: 200,
  gpus: 2,
  memory: (gpu: number) => (gpu === 0 ? 12 : 4) * GB,
  peakOf: (page: number) => (page % 4 === 0 ? 6 : 1 + (page % 3)) * GB - CONTEXT,
  loadSeconds: () => 5,
};

test.each([
  ['as long on both cards', () => 1],
  ['twice as long on the small card', (gpu: number) => (gpu === 0 ? 1 : 2)],
])('vram: nothing runs out of memory, and the cards end together: pages take %s', async (_what, slower) => {
  const secondsOf = (page: number, gpu: number): number =>
    ((UNEQUAL.peakOf(page) + CONTEXT) / GB) * slower(gpu);
  const setup = {
    ...UNEQUAL,
    pageSeconds: ({ page, gpu }: { page: number; gpu: number }) => secondsOf(page, gpu),
  };
  const [{ looking }, dynamic] = await Promise.all([
    both({ ...setup, strategy: 'vram' }),
    both({ ...setup, strategy: 'dynamic' }),
  ]);
  expect(looking.figures).toEqual({ good: 200, failed: 0, left: 0, exit: 0 });
  expect(looking.asked).toBe(200);
  const pages = Array.from({ length: 200 }, (_, at) => at + 1);
  const sum = (of: (page: number) => number): number => pages.reduce((all, page) => all + of(page), 0);
  const large = sum((page) => (page % 4 === 0 ? secondsOf(page, 0) : 0));
  const speed = 1 + 1 / slower(1);
  const best = 5 + Math.max(sum((page) => secondsOf(page, 0)) / speed, large);
  expect(best / looking.seconds).toBeGreaterThanOrEqual(0.93);
  // The queue that doesn't look at memory runs out of it, and tries again.
  expect(dynamic.blind.asked).toBeGreaterThan(200);
  expect(looking.seconds).toBeLessThan(dynamic.blind.seconds);
});

test('vram with scripts: the largest pages are in the large card’s shard', async () => {
  const { looking } = await both({
    ...UNEQUAL,
    strategy: 'vram',
    translator: 'tells',
    pageSeconds: ({ page }) => (UNEQUAL.peakOf(page) + CONTEXT) / GB,
  });
  expect(looking.figures).toEqual({ good: 200, failed: 0, left: 0, exit: 0 });
  expect(looking.asked).toBe(200);
});
