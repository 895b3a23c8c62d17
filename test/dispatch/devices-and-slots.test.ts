import { describe, expect, test } from 'vitest';
import { bad, blackHole, failed, firstOf, holds, only, type PageNature } from './natures.ts';
import { type Scenario, storyOf } from './world.ts';

const NO_KERNEL = failed(
  'RuntimeError: CUDA error: no kernel image is available for execution on the device',
);
const ODD = failed('RuntimeError: the flux capacitor is empty');

describe.each([undefined, 'hold', 'send'] as const)('pages ahead: %s', (ahead) => {
  const run = (scenario: Scenario) => storyOf({ ahead, ...scenario });

  test.each([
    [0, 8, 0.01],
    [3, 8, 0.01],
    [3, 2, 0.01],
    [3, 2, 1],
    [1, 60, 0.01],
  ])(
    'device %i of four is good and loads for %i s, the others fail all in %f s',
    async (good, load, seconds) => {
      const holes = [0, 1, 2, 3].filter((gpu) => gpu !== good);
      const story = await run({
        pages: 20,
        gpus: 4,
        page: blackHole(holes, NO_KERNEL),
        loadSeconds: ({ gpu }) => (gpu?.index === good ? load : 2),
        pageSeconds: ({ gpu }) => (gpu === good ? 1 : seconds),
      });
      expect(story.figures).toEqual({ good: 20, failed: 0, left: 0, exit: 0 });
      expect(story.askedOn(...holes)).toBeLessThanOrEqual(12);
    },
  );

  test('a bad page and a black hole beside a good device', async () => {
    const story = await run({
      pages: 20,
      gpus: 2,
      page: firstOf(bad(only(1, 2), ODD), blackHole([1], NO_KERNEL)),
    });
    expect(story.failedPages).toEqual([1, 2]);
    expect(story.good).toBe(18);
  });

  test('a device that turns bad in mid-run is given up, and no page is lost', async () => {
    const turns: PageNature = ({ gpu, seconds }) => (gpu === 1 && seconds > 12 ? NO_KERNEL : undefined);
    const story = await run({ pages: 80, gpus: 2, page: turns });
    expect(story.figures).toEqual({ good: 80, failed: 0, left: 0, exit: 0 });
    expect([...story.benched.keys()]).toEqual([1]);
    expect(story.askedOn(1)).toBeLessThanOrEqual(10 + 8);
  });

  test('the second worker does not fit: its slot is retired after two starts', async () => {
    const story = await run({ pages: 16, workers: 2, start: holds(1) });
    expect(story.figures).toEqual({ good: 16, failed: 0, left: 0, exit: 0 });
    expect(story.loads).toBeLessThanOrEqual(4);
    expect([...story.retired.values()]).toEqual(['1 of 2 workers fit on gpu0']);
    expect(story.benched.size).toBe(0);
  });

  test('of three workers two fit', async () => {
    const story = await run({ pages: 40, workers: 3, start: holds(2) });
    expect(story.figures).toEqual({ good: 40, failed: 0, left: 0, exit: 0 });
    expect([...story.retired.values()]).toEqual(['2 of 3 workers fit on gpu0']);
    expect(story.loads).toBeLessThanOrEqual(5);
  });

  test('eight loads at once fail together: they are tried one after the other', async () => {
    const story = await run({
      pages: 80,
      gpus: 8,
      start: ({ together }) => (together > 0 ? 'killed by SIGKILL' : undefined),
    });
    expect(story.figures).toEqual({ good: 80, failed: 0, left: 0, exit: 0 });
    expect([...story.benched.keys(), ...story.retired.keys()]).toEqual([]);
    expect(story.loads).toBeLessThanOrEqual(16);
  });

  test('no worker starts anywhere: it stops', async () => {
    const story = await run({ pages: 80, gpus: 4, start: () => "ModuleNotFoundError: No module named 'x'" });
    expect(story.figures).toEqual({ good: 0, failed: 0, left: 80, exit: 3 });
    expect(story.hopeless).toContain('ModuleNotFoundError');
    expect(story.benched.size).toBe(0);
    // All at once, then one after the other.
    expect(story.loads).toBeLessThanOrEqual(4 + 4 + 1);
  });

  test('no worker starts anywhere, and the last one is heard late: no device is to blame', async () => {
    const story = await run({
      pages: 9,
      gpus: 3,
      start: () => 'no kernel image is available',
      // While the last one is heard, nobody else is at work.
      loadSeconds: ({ gpu }) => (gpu?.index === 2 ? 5 : 0),
      pauseSeconds: ({ gpu }) => (gpu?.index === 0 ? 1 : 9),
    });
    expect(story.figures).toEqual({ good: 0, failed: 0, left: 9, exit: 3 });
    expect(story.hopeless).toContain('no kernel image');
    expect(story.benched.size).toBe(0);
  });

  test.each([1, 4])(
    'no worker starts on the only device, of %i slots: it is not the device',
    async (workers) => {
      const story = await run({ pages: 80, workers, start: () => 'no CUDA device' });
      expect(story.figures).toEqual({ good: 0, failed: 0, left: 80, exit: 3 });
      expect(story.benched.size).toBe(0);
      expect(story.loads).toBeLessThanOrEqual(2 * workers + 1);
    },
  );

  test('devices on which nothing starts wait for one that loads for long', async () => {
    const story = await run({
      pages: 20,
      gpus: 3,
      start: ({ gpu }) => (gpu === 0 ? undefined : 'no CUDA device'),
      loadSeconds: ({ gpu }) => (gpu?.index === 0 ? 60 : 1),
    });
    expect(story.figures).toEqual({ good: 20, failed: 0, left: 0, exit: 0 });
    expect([...story.benched.keys()]).toEqual([1, 2]);
    expect(story.loads).toBeLessThanOrEqual(7);
  });

  test('workers of one device never start: it is given up, and the others do its pages', async () => {
    const start = ({ gpu }: { gpu: number }) => (gpu === 1 ? 'no CUDA device' : undefined);
    const story = await run({ pages: 40, gpus: 3, start });
    expect(story.figures).toEqual({ good: 40, failed: 0, left: 0, exit: 0 });
    expect([...story.benched.keys()]).toEqual([1]);
  });

  test('two workers of a device run out of memory at once: the pages fit one after the other', async () => {
    const large = only(3, 4, 9, 10);
    const page: PageNature = (attempt) => {
      const isCrowded = large(attempt.page) && [...attempt.beside].some(large);
      return isCrowded ? failed('CUDA out of memory. Tried to allocate 2.00 GiB', 'oom') : undefined;
    };
    const story = await run({ pages: 24, workers: 2, page });
    expect(story.figures).toEqual({ good: 24, failed: 0, left: 0, exit: 0 });
  });

  test('a page that needs the device for itself gets it: the other worker ends', async () => {
    const page: PageNature = ({ page: number, processesBeside }) =>
      number === 5 && processesBeside > 0 ? failed('CUDA out of memory', 'oom') : undefined;
    const story = await run({ pages: 24, workers: 3, page });
    expect(story.figures).toEqual({ good: 24, failed: 0, left: 0, exit: 0 });
  });

  test('a page that only the largest device has room for goes there', async () => {
    const page: PageNature = ({ page: number, gpu }) =>
      number === 5 && gpu !== 2 ? failed('CUDA out of memory', 'oom') : undefined;
    const story = await run({ pages: 24, gpus: 3, memory: (gpu) => 8 * (gpu + 1), page });
    expect(story.figures).toEqual({ good: 24, failed: 0, left: 0, exit: 0 });
    expect(story.timesOf(5)).toBeLessThanOrEqual(3);
  });

  test.each(['dynamic', 'even'] as const)(
    'slots join and retire while a %s run goes on',
    async (strategy) => {
      const story = await run({
        pages: 60,
        gpus: 2,
        strategy,
        events: [
          { at: 5.5, act: (world) => world.join(world.slot(2)) },
          { at: 8.5, act: (world) => world.retire(world.slot(0)) },
          { at: 9.5, act: (world) => world.join(world.slot(0, 1)) },
        ],
      });
      expect(story.figures).toEqual({ good: 60, failed: 0, left: 0, exit: 0 });
      expect(story.askedOn(2)).toBeGreaterThan(10);
      // 60 pages and four loads on two or three slots at a time.
      expect(story.seconds).toBeLessThan(29);
    },
  );

  test.each([0, 2])(
    'whenever a bad device fails its pages, a good one tells, with %i retries',
    async (retries) => {
      const stories = await Promise.all(
        Array.from({ length: 60 }, (_, at) =>
          run({
            pages: 8,
            gpus: 2,
            retries,
            page: blackHole([1], NO_KERNEL),
            // From long before the good one's last page to long after it.
            loadSeconds: ({ gpu }) => (gpu?.index === 1 ? 0.2 * (at + 1) : 1),
            pageSeconds: ({ gpu }) => (gpu === 1 ? 0.3 : 1),
          }),
        ),
      );
      for (const { figures } of stories) expect(figures).toEqual({ good: 8, failed: 0, left: 0, exit: 0 });
    },
  );

  test('without retries a bad page is tried once more, where the device that failed it has shown nothing', async () => {
    const story = await run({ pages: 8, gpus: 2, retries: 0, page: bad(only(2), ODD) });
    expect(story.figures).toEqual({ good: 7, failed: 1, left: 0, exit: 1 });
    expect(story.timesOf(2)).toBeLessThanOrEqual(2);
  });
});
