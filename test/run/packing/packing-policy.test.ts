import { describe, expect, test } from 'vitest';
import { type BenchRun, bench, type SimulatedCard } from './simulated-bench.ts';

type Setting = Omit<BenchRun, 'workers'>;

const T4: SimulatedCard = { name: 'Tesla T4', holds: 6 };
const cards = (count: number, card: Partial<SimulatedCard> = {}): SimulatedCard[] =>
  Array.from({ length: count }, () => ({ ...T4, ...card }));
const SEEDS = [1, 2, 3];

const auto = (run: Setting) => bench({ ...run, workers: 'auto' });
const one = (run: Setting): number => bench({ ...run, workers: 1 }).seconds;
/** With the fixed number that is fastest: enough for the card, or one more, and no more than it holds. */
function best({ share = 0.3, ...run }: Setting): number {
  const enough = Math.min(6, Math.ceil(1 / share));
  const numbers = new Set([enough, Math.min(6, enough + 1)]);
  return Math.min(...[...numbers].map((workers) => bench({ ...run, share, workers }).seconds));
}

test.each([1, 5, 20])(
  'a third of a page on the card, loads of %i s: several workers share it',
  (loadSeconds) => {
    for (const seed of SEEDS) {
      const run = { share: 0.3, loadSeconds, seed };
      const { seconds, workers } = auto(run);
      expect(one(run) / seconds).toBeGreaterThan(loadSeconds > 5 ? 2.3 : 2.5);
      expect(best(run) / seconds).toBeGreaterThan(0.85);
      for (const each of workers) expect(each).toBeGreaterThanOrEqual(3);
    }
  },
);

test('loads of a minute, and 960 pages of a second: at most a tenth slower than the best number', () => {
  for (const seed of SEEDS) {
    const run = { share: 0.3, loadSeconds: 60, seed };
    expect(best(run) / auto(run).seconds).toBeGreaterThan(0.9);
  }
});

test.each([1, 5, 20, 60])('half of a page on the card, loads of %i s', (loadSeconds) => {
  for (const seed of SEEDS) {
    const run = { share: 0.5, loadSeconds, seed };
    expect(best(run) / auto(run).seconds).toBeGreaterThan(0.92);
  }
});

test.each([0, 0.2])('a page that is all on the card, noise %d: one worker, and nothing lost', (noise) => {
  for (const seed of SEEDS) {
    const run = { share: 1, noise, seed };
    const { seconds, told } = auto(run);
    expect(seconds / one(run)).toBeLessThan(1.04);
    expect(told.at(-1)?.why).toMatch(/^a (second|third) worker made it no faster \((\+[0-4]|−\d+) %\)$/);
  }
});

describe('what pages that differ by a fifth say is chance now and then', () => {
  const seeds = Array.from({ length: 40 }, (_, seed) => seed * 31 + 7);
  const workersAt = (run: Setting): number[] =>
    seeds.map((seed) => auto({ ...run, noise: 0.2, seed, pages: 960 }).workers[0] ?? 0);

  test('a second worker that makes it a tenth faster is found', () => {
    const missed = workersAt({ share: 0.9, cards: cards(1) }).filter((workers) => workers < 2);
    expect(missed.length).toBeLessThanOrEqual(4);
  });

  test('a fifth worker that makes it no faster is not kept', () => {
    const kept = workersAt({ share: 0.3, cards: cards(2) }).filter((workers) => workers > 4);
    expect(kept.length).toBeLessThanOrEqual(4);
  });

  test('a worker that may pay is tried in a second half, which decides', () => {
    const decided = seeds.flatMap((seed) => {
      const { told } = auto({ share: 0.9, noise: 0.2, cards: cards(1), pages: 960, seed });
      const at = told.findIndex(({ why }) =>
        /^a second .*, which may be chance: it is tried once more$/.test(why),
      );
      return at < 0 ? [] : [told[at + 1]?.why];
    });
    expect(decided.length).toBeGreaterThan(5);
    for (const why of decided)
      expect(why).toMatch(/^a second worker made it (\d+ % faster|no faster \(.*\))$/);
  });
});

test('ten thousand pages end as fast as with the best number', () => {
  for (const share of [0.3, 1]) {
    const run = { pages: 10_000, share, loadSeconds: 20 };
    expect(best(run) / auto(run).seconds, `${share}`).toBeGreaterThan(0.95);
  }
});

test('one card, or eight: the same', () => {
  for (const count of [1, 8]) {
    const run = { cards: cards(count), pages: 480 * count, share: 0.3 };
    expect(best(run) / auto(run).seconds, `${count}`).toBeGreaterThan(0.85);
  }
});

test.each([1, 2, 3, 4, 5, 6])('a card that holds %i gets no more, and no page finds it full', (holds) => {
  const { workers, most, short, notStarted, told } = auto({ cards: cards(2, { holds }), share: 0.1 });
  expect({ workers, most, short, notStarted }).toEqual({
    workers: [holds, holds],
    most: [holds, holds],
    short: 0,
    notStarted: 0,
  });
  expect(told.at(-1)).toMatchObject({
    by: 'tell',
    workers: holds,
    why: expect.stringMatching(
      /^no room for another worker: it needs 3\.8 GB of card memory, and 1\.5 GB is free$/,
    ),
  });
});

test('where nothing tells of memory, the one that does not start is the last one that was tried', () => {
  const run = { cards: cards(2, { holds: 2 }), share: 0.3, tellsMemory: false };
  const { workers, notStarted, short, told } = auto(run);
  expect({ workers, short }).toEqual({ workers: [2, 2], short: 0 });
  expect(notStarted).toBeLessThanOrEqual(2);
  expect(told.at(-1)).toMatchObject({ workers: 2, why: 'worker 3 did not start' });
});

test('a page that is out of memory beside others: a worker less on its card, and none more', () => {
  const { workers, most, told } = auto({ share: 0.1, hungryEvery: 200 });
  const why = 'a page ran out of memory beside other workers';
  expect(told.filter((each) => each.why === why).length).toBeGreaterThan(0);
  for (const [at, each] of workers.entries()) expect(each).toBeLessThan(most[at] ?? 0);
});

test('what slows the machine down for a while does not settle it', () => {
  // The second worker loads from about second 20 to 25, and is on trial until 30.
  for (const from of [20, 22, 24, 26]) {
    const { workers } = auto({ share: 0.3, noise: 0.05, disturbed: [from, from + 30] });
    for (const each of workers) expect(each, `${from}`).toBeGreaterThanOrEqual(3);
  }
});

test('20 pages: none added', () => {
  for (const pages of [1, 20, 40]) expect(auto({ cards: cards(2), pages, share: 0.1 }).added).toBe(0);
  expect(auto({ cards: cards(1), pages: 30, share: 0.1, loadSeconds: 60 }).added).toBe(0);
});

test('a load that would not be repaid is not begun: no run is much slower for having tried', () => {
  for (const pages of [20, 40, 80, 160, 320])
    for (const loadSeconds of [1, 60])
      for (const share of [0.2, 1]) {
        const run = { pages, loadSeconds, share };
        expect(auto(run).seconds / one(run), JSON.stringify(run)).toBeLessThan(1.06);
      }
});

test('a service that refuses from page 20 on: no worker is added afterwards', () => {
  for (const seed of SEEDS) {
    const { addedAfterRefusal, workers, most } = auto({ share: 0.1, refusesFrom: 20, seed });
    expect(addedAfterRefusal).toBe(0);
    for (const [at, each] of workers.entries()) expect(each).toBe(Math.max(1, (most[at] ?? 0) - 1));
  }
});

test('cards of two models get what suits each', () => {
  const mixed = [...cards(2), ...cards(2, { name: 'RTX 3060', holds: 2, slower: 1.6 })];
  const run = { cards: mixed, share: 0.3 };
  const { workers } = auto(run);
  expect(workers.slice(2)).toEqual([2, 2]);
  for (const each of workers.slice(0, 2)) expect(each).toBeGreaterThanOrEqual(3);
});

test('a card that is ready late keeps no other waiting, and gets its workers, too', () => {
  const late = [...cards(1), ...cards(1, { readyAt: 100 })];
  const { workers } = auto({ cards: late, share: 0.3 });
  for (const each of workers) expect(each).toBeGreaterThanOrEqual(3);
});

test('main memory and the processor are shared by all cards', () => {
  const main = auto({ share: 0.1, mainFreeWorkers: 5 });
  expect(main.workers.reduce((sum, each) => sum + each, 0)).toBe(4);
  expect(main.told.at(-1)?.why).toBe(
    'no room for another worker: it needs 3.3 GB of main memory, and 3.0 GB is free',
  );
  const processor = auto({ share: 0.1, cores: 4, coresAWorker: 0.9 });
  expect(processor.workers).toEqual([2, 2]);
  expect(processor.told.at(-1)?.why).toBe(
    'no room for another worker: the workers use 3.6 of 4 cores already',
  );
});

test('the CPU is a device like others', () => {
  const run = { cards: [{ name: 'cpu', holds: 6 }], share: 0, cores: 4, coresAWorker: 1, tellsMemory: false };
  const { workers, told } = auto(run);
  expect(workers).toEqual([3]);
  expect(told.at(-1)).toMatchObject({ device: 'cpu', gpu: null, workers: 3 });
  expect(told.at(-1)?.times).toBeCloseTo(3, 0);
});

test('with groups there has to be one that waits for each worker', () => {
  expect(auto({ share: 0.1, groupsLeft: 2 }).added).toBe(0);
  expect(auto({ share: 0.1, groupsLeft: 4 }).most).toEqual([2, 2]);
});
