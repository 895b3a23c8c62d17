import { expect, test } from 'vitest';
import type { Slot } from '../../src/model/slot.ts';
import { type EarlierSetup, earlierCosts } from '../../src/run/earlier-costs.ts';
import { keepCosts } from '../../src/store/costs/costs-file.ts';
import type { LedgerLine } from '../../src/store/ledger/ledger-line.ts';
import { tempFolder } from '../pages/temp-folder.ts';

const line = (page: string, slot: string, seconds: number, options = 'now'): LedgerLine => ({
  type: 'page-finished',
  time: '2025-01-02T03:04:05.000Z',
  page,
  slot,
  attempt: 1,
  outcome: 'translated',
  seconds,
  source: null,
  output: null,
  options,
});
const slots: Slot[] = [0, 1].map((index) => ({
  id: `gpu${index}-0`,
  gpu: { index, vendor: 'nvidia', name: 'T4', visibleAs: String(index) },
}));
const names = Array.from({ length: 40 }, (_, n) => `${n}.png`);

function learn(lines: readonly LedgerLine[], { env = {}, demo = false, hasPixels = true } = {}) {
  const translator = { kind: 'warm', name: 'x' } as EarlierSetup['resolved']['translator'];
  return earlierCosts({
    resolved: { slots, translator, optionsHash: 'now', shaping: { translator: demo ? 'demo' : 'x' } },
    options: { workersPerGpu: 1 },
    ledgers: {
      pages: new Map(lines.map((one) => [one.page, one])),
      optionsByHash: new Map([['demo', { translator: 'demo' }]]),
    },
    env,
    pixelsOf: async (pages) => pages.map(() => (hasPixels ? 1e6 : undefined)),
  });
}

test('learns what a pixel costs, and how fast each GPU is', async () => {
  const lines = names.map((name, n) => line(name, n < 20 ? 'gpu0-0' : 'gpu1-0', n < 20 ? 1 : 3));
  const { costs, measured } = await learn(lines);
  expect(measured).toEqual({ pages: 40, byPixels: true, otherOptions: false });
  costs.sized('new', 2e6);
  const [first = 0, second = 0] = slots.map(({ id }) => costs.secondsOn(id)?.('new'));
  expect(first).toBeGreaterThan(1.9);
  expect(first).toBeLessThan(2.5);
  expect(second / first).toBeGreaterThan(2.3);
});

test('the line tells a page’s size, and the ledger which GPU it ran on; a slot’s name does where it does not', async () => {
  const lines = names.map((name, n) => ({
    ...line(name, `node2-gpu0-${n}`, n < 20 ? 1 : 3),
    ...{ gpu: n < 20 ? 0 : 1, width: 1000, height: 2000 },
  }));
  const { costs } = await learn(lines, { hasPixels: false });
  expect(costs.pixelsOf('3.png')).toBe(2e6);
  const [first = 0, second = 0] = slots.map(({ id }) => costs.secondsOn(id)?.('3.png'));
  expect(second / first).toBeGreaterThan(2.3);
});

test('without any size a page costs what a page cost', async () => {
  const { costs, measured } = await learn([line('a.png', 'gpu0-0', 2), line('b.png', 'gpu0-0', 4)], {
    hasPixels: false,
  });
  expect(measured).toEqual({ pages: 2, byPixels: false, otherOptions: false });
  expect(costs.secondsOn('gpu0-0')?.('c')).toBeCloseTo(3);
});

test('does not learn from what was no measurement, from the demo, nor from outputs that are their source again', async () => {
  const timed = names.slice(0, 6).map((name) => line(name, 'gpu0-0', 4));
  const odd = [line('z1', 'gpu0-0', 0), line('z2', 'gpu0-0', 0.001), line('d', 'gpu0-0', 9, 'demo')];
  const givenUp = { ...line('same.png', 'gpu0-0', 0.5), unchanged: true } as const;
  const { costs, measured } = await learn([...odd, givenUp, ...timed]);
  expect(measured?.pages).toBe(6);
  expect(costs.secondsOn('gpu0-0')?.('x')).toBeCloseTo(4);
  expect((await learn([line('z', 'gpu0-0', 0)])).measured).toBeUndefined();
  // A translator that only copies: better than nothing.
  expect((await learn([givenUp])).measured?.pages).toBe(1);
  expect((await learn([line('d', 'gpu0-0', 9, 'demo')], { demo: true })).measured?.pages).toBe(1);
});

test('this output’s pages come first, then what other runs have shown, then pages with other options', async () => {
  const env = { HOME: await tempFolder() };
  const other = names.map((name) => line(name, 'gpu0-0', 100, 'before'));
  const secondsOf = async (lines: readonly LedgerLine[]) => {
    const { costs, measured } = await learn(lines, { env });
    return {
      seconds: costs.secondsOn('gpu0-0')?.('x') ?? 0,
      load: costs.loadSecondsOn('gpu0-0'),
      ...measured,
    };
  };
  expect(await secondsOf(other)).toMatchObject({ otherOptions: true, load: undefined });
  const points = Array.from({ length: 30 }, () => ({ megapixels: 1, value: 7 }));
  await keepCosts(env, 'now warm 1', new Map([['T4', { seconds: points, bytes: [], loads: [5] }]]));
  const few = await secondsOf([...other, line('one', 'gpu0-0', 1)]);
  expect(few).toMatchObject({ otherOptions: false, load: 5, pages: 30 });
  expect(few.seconds).toBeCloseTo(7);
  const own = await secondsOf(names.map((name) => line(name, 'gpu0-0', 1)));
  expect(own).toMatchObject({ otherOptions: false, load: 5, pages: 40 });
  expect(own.seconds).toBeCloseTo(1);
});
