import { expect, test } from 'vitest';
import type { Happening } from '../../src/model/events.ts';
import type { StrategyName } from '../../src/model/run-options.ts';
import type { Slot } from '../../src/model/slot.ts';
import { RunForecast } from '../../src/run/run-forecast.ts';
import { Costs } from '../../src/schedule/costs.ts';
import { forecast, secondsOf, takingOf } from '../../src/schedule/forecast.ts';
import { makeSchedule } from '../../src/schedule/make-schedule.ts';
import { simulate } from '../../src/schedule/simulate.ts';

/** A world of pages that nobody knows: noise, first pages that are slow, sizes, cards. */
interface Scenario {
  readonly strategy: StrategyName;
  readonly kind: 'warm' | 'one-shot';
  readonly megapixels: (at: number) => number;
  readonly speeds: readonly number[];
  readonly pages?: number;
}

function chanceOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1664525 + 1013904223) % 2 ** 32;
    return state / 2 ** 32;
  };
}

const LOAD = 5;

const slotsOf = ({ speeds }: Scenario): Slot[] =>
  speeds.map((speed, index) => ({
    id: `gpu${index}-0`,
    gpu: { index, vendor: 'nvidia', name: `card ${speed}`, visibleAs: String(index) },
  }));
const pagesOf = ({ pages = 400 }: Scenario) =>
  Array.from({ length: pages }, (_, at) => ({ id: `${at}`, path: `/${at}` }));

/** Plays a run and hears its forecasts: when each was told, and when it said that the run would end. */
function play(scenario: Scenario, seed: number, costs = new Costs(), isKnown = false) {
  const { strategy, kind, megapixels, speeds } = scenario;
  const chance = chanceOf(seed);
  const slots = slotsOf(scenario);
  const pages = pagesOf(scenario);
  for (const [at, { id }] of pages.entries()) costs.sized(id, megapixels(at) * 1e6);
  for (const slot of slots) costs.join(slot);
  costs.allSized();
  const noise = pages.map(() => 0.7 + 0.6 * chance());
  const begun = new Set<string>();
  let nowMs = 0;
  let done = 0;
  const told: { readonly atPages: number; readonly at: number; readonly end: number }[] = [];
  const emit = (event: Happening): void => {
    if (event.type !== 'forecast') return;
    told.push({ atPages: done, at: nowMs / 1000, end: nowMs / 1000 + event.secondsLeft });
  };
  const taking = takingOf(kind);
  const following = new RunForecast(makeSchedule(strategy, { pages, slots, costs }), {
    ...{ slots, costs, emit, isKnown, nowMs: () => nowMs },
    ...taking,
  });
  const ends = new Map<string, number>();
  const schedule = following.schedule;
  const { finished } = schedule;
  schedule.finished = (slot, page, seconds) => {
    nowMs = (ends.get(page) ?? 0) * 1000;
    done += 1;
    finished.call(schedule, slot, page, seconds);
  };
  // The clock of the simulation is told by what pages take.
  const clock = new Map<string, number>();
  following.look();
  const shares = simulate({
    schedule,
    slots,
    ...taking,
    loadSeconds: LOAD,
    costOf: ({ id }, { id: slot, gpu }) => {
      const known = ends.get(id);
      const before = clock.get(slot) ?? LOAD;
      if (known !== undefined) return known - (clock.get(`${slot} ${id}`) ?? before);
      const speed = speeds[gpu?.index ?? 0] ?? 1;
      const first = begun.has(slot) ? 1 : 3;
      begun.add(slot);
      const seconds = (((1 + 0.5 * megapixels(Number(id))) * (noise[Number(id)] ?? 1)) / speed) * first;
      clock.set(`${slot} ${id}`, before);
      clock.set(slot, before + seconds);
      ends.set(id, before + seconds);
      return seconds;
    },
  });
  return { took: secondsOf(shares), told, costs, pages };
}

const skewed = (at: number): number => Math.exp(1.2 * Math.sin(at * 12.9898) * 1.5);
const manga = (at: number): number => (at % 20 === 7 ? 12 : at % 5 === 1 ? 4 : 2);
const growing = (at: number): number => 1 + at / 100;
const warm = { strategy: 'dynamic', kind: 'warm' } as const;
const SCENARIOS: Readonly<Record<string, Scenario>> = {
  'equal pages': { ...warm, megapixels: () => 2, speeds: [1, 1, 1, 1] },
  'manga-like pages': { ...warm, megapixels: manga, speeds: [1, 1, 1, 1] },
  'skewed pages': { ...warm, megapixels: skewed, speeds: [1, 1, 1, 1] },
  'pages that grow': { ...warm, megapixels: growing, speeds: [1, 1, 1] },
  'unequal cards': { ...warm, megapixels: manga, speeds: [1, 1, 0.4] },
  'one card': { ...warm, megapixels: manga, speeds: [1] },
  'fixed shards on unequal cards': { ...warm, strategy: 'even', megapixels: manga, speeds: [1, 0.5] },
  'a script with fixed shards': { strategy: 'even', kind: 'one-shot', megapixels: manga, speeds: [1, 1, 1] },
};

// Of pages that grow nobody knows at a tenth what the last ones will take.
const foreseeable = Object.entries(SCENARIOS).filter(([, { megapixels }]) => megapixels !== growing);

test.each(foreseeable)(
  '%s: the estimate is within 10 % of what is left from a tenth of the pages on',
  (_name, scenario) => {
    const { took, told, pages } = play(scenario, 5);
    const tenth = pages.length / 10;
    expect(told[0]?.atPages).toBeLessThanOrEqual(tenth);
    // Those that the bar counts down by from then on.
    const inForce = told.filter((_, n) => (told[n + 1]?.atPages ?? pages.length) > tenth);
    for (const { atPages, at, end } of inForce) {
      if (atPages < tenth * 0.8) continue;
      // What is left at the very end is a few pages.
      const left = Math.max(took - at, took * 0.1);
      expect(Math.abs(end - took) / left, `at ${at.toFixed(0)} of ${took.toFixed(0)} s`).toBeLessThan(0.1);
    }
  },
);

test.each(Object.entries(SCENARIOS))('%s: the second run is forecast within 8 %', (_name, scenario) => {
  const { costs } = play(scenario, 5);
  const next = new Costs({ known: costs.known });
  const [slots, pages] = [slotsOf(scenario), pagesOf(scenario)];
  for (const { id } of pages) next.sized(id, scenario.megapixels(Number(id)) * 1e6);
  next.allSized();
  for (const slot of slots) next.join(slot);
  for (const slot of slots) next.loaded(slot.id, LOAD);
  const planned = secondsOf(
    forecast({
      strategy: scenario.strategy,
      pages,
      slots,
      costs: next,
      batches: undefined,
      ...takingOf(scenario.kind),
    }),
  );
  const { took, told } = play(scenario, 77, next, true);
  expect(Math.abs(planned / took - 1)).toBeLessThan(0.08);
  expect(told[0]).toMatchObject({ atPages: 0 });
  expect(Math.abs((told[0]?.end ?? 0) / took - 1)).toBeLessThan(0.08);
});

test('seconds that are known by size tell nothing before the size of a page is known', () => {
  const small = Array.from({ length: 20 }, () => ({ megapixels: 0.1, value: 1 }));
  const known = new Map([['Fake', { seconds: small, bytes: [], loads: [5] }]]);
  const costs = new Costs({ known });
  const slot: Slot = { id: 'gpu0-0', gpu: { index: 0, vendor: 'nvidia', name: 'Fake', visibleAs: '0' } };
  costs.join(slot);
  const pages = Array.from({ length: 40 }, (_, at) => ({ id: `${at}`, path: `/${at}` }));
  const told: Happening[] = [];
  const following = new RunForecast(makeSchedule('even', { pages, slots: [slot], costs }), {
    ...{ slots: [slot], costs, isKnown: true, emit: (event: Happening) => told.push(event) },
    ...takingOf('one-shot'),
  });
  following.look();
  expect(told).toEqual([]);
  for (const { id } of pages) costs.sized(id, 100_000);
  following.look();
  expect(told).toMatchObject([{ type: 'forecast', pagesLeft: 40, by: 'earlier-runs' }]);
  expect(told[0]?.type === 'forecast' && told[0].secondsLeft).toBeCloseTo(45, 1);
});

test('near the end of a short run a delay of a quarter of a second is told', () => {
  const timed = Array.from({ length: 20 }, () => ({ megapixels: 1, value: 0.1 }));
  const costs = new Costs({ known: new Map([['Fake', { seconds: timed, bytes: [], loads: [0] }]]) });
  const slot: Slot = { id: 'gpu0-0', gpu: { index: 0, vendor: 'nvidia', name: 'Fake', visibleAs: '0' } };
  costs.join(slot);
  const pages = Array.from({ length: 100 }, (_, at) => ({ id: `${at}`, path: `/${at}` }));
  for (const { id } of pages) costs.sized(id, 1e6);
  let nowMs = 0;
  const told: Happening[] = [];
  const following = new RunForecast(
    makeSchedule('dynamic', { pages, slots: [slot], costs, pageByPage: true }),
    {
      ...{ slots: [slot], costs, isKnown: true, emit: (event: Happening) => told.push(event) },
      ...takingOf('warm'),
      nowMs: () => nowMs,
    },
  );
  const { schedule } = following;
  following.look();
  expect(told).toHaveLength(1);
  nowMs += 250;
  for (let done = 0; done < 80; done += 1) {
    const [page] = schedule.take(slot.id, 1) ?? [];
    nowMs += 100;
    schedule.finished(slot.id, page?.id ?? '', 0.1);
  }
  const last = told.at(-1);
  expect(last?.type === 'forecast' && last.secondsLeft - last.pagesLeft * 0.1).toBeCloseTo(0, 1);
  expect(told.length).toBeGreaterThan(1);
});
