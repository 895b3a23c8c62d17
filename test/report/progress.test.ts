import { expect, test } from 'vitest';
import { Progress, progressParts } from '../../src/report/progress.ts';
import { at, failed, started, translated } from './streams.ts';

const timeOf = (seconds: number): number =>
  Date.parse(at(seconds, { type: 'notice', level: 'info', text: '' }).time);

test('says how far a run is, how fast and how long it will take', () => {
  const progress = new Progress();
  progress.add(started(['gpu0-0', 'gpu1-0']));
  progress.add(at(1, { type: 'pages-found', pages: 100, skipped: 20 }));
  progress.add(at(10, { type: 'page-started', page: 'p0', slot: 'gpu0-0', attempt: 1 }));
  for (let n = 1; n <= 20; n += 1) progress.add(at(10 + n * 3, translated(`p${n}`, 'gpu0-0', 3)));
  expect(progressParts(progress, timeOf(70))).toEqual([
    '20/80 pages',
    '25.0 %',
    '20.0 pages/min',
    'about 3 min left',
  ]);
});

test('promises nothing before it has seen anything', () => {
  const progress = new Progress();
  progress.add(started(['gpu0-0']));
  expect(progressParts(progress, timeOf(1))).toEqual(['0 pages']);
  progress.add(at(1, { type: 'pages-found', pages: 2, skipped: 0 }));
  progress.add(at(2, failed('a.png')));
  expect(progressParts(progress, timeOf(3))).toEqual(['1/2 pages', '50.0 %', '1 failed']);
});

test('the rate follows the last pages, not the whole run', () => {
  const progress = new Progress();
  progress.add(started(['gpu0-0']));
  progress.add(at(0, { type: 'page-started', page: 'p', slot: 'gpu0-0', attempt: 1 }));
  for (let n = 1; n <= 200; n += 1) progress.add(at(n, translated(`a${n}`, 'gpu0-0', 1)));
  for (let n = 1; n <= 200; n += 1) progress.add(at(200 + n * 6, translated(`b${n}`, 'gpu0-0', 6)));
  expect(progress.pagesPerMinute(timeOf(1400))).toBeCloseTo(10);
});

/** A run whose pages end at these seconds, and its rate as it ends. */
function rateAtEnd(seconds: readonly number[], slots = ['gpu0-0']): number {
  const progress = new Progress();
  progress.add(started(slots));
  for (const [n, second] of seconds.entries()) progress.add(at(second, translated(`p${n}`, 'gpu0-0', 1)));
  return progress.pagesPerMinute(timeOf(seconds.at(-1) ?? 0)) ?? 0;
}
const every = (seconds: number, from: number, to: number): number[] =>
  Array.from({ length: Math.floor((to - from) / seconds) }, (_, n) => from + (n + 1) * seconds);

test.each([
  ['a short run, with the loading of its models', every(0.1, 4, 20), (160 / 20) * 60],
  ['a short run that began slowly', [...every(1, 0, 10), ...every(0.04, 10, 16)], (160 / 16) * 60],
  ['a long run that became faster', [...every(2, 0, 600), ...every(0.1, 600, 660)], 600],
  ['a long run that became slower', [...every(0.1, 0, 600), ...every(2, 600, 700)], 30],
  ['pages that come in batches', every(15, 0, 600).flatMap((end) => every(0.01, end, end + 0.3)), 120],
  ['pages of two minutes', every(120, 30, 3600), 0.5],
])('the rate as it ends is that of the last minute: %s', (_, seconds, expected) => {
  const rate = rateAtEnd(seconds);
  expect(rate).toBeGreaterThan(expected * 0.9);
  expect(rate).toBeLessThan(expected * 1.1);
});

test('the time left follows the rate, without the time in which models loaded', () => {
  const progress = new Progress();
  progress.add(started(['gpu0-0']));
  progress.add(at(0, { type: 'pages-found', pages: 1000, skipped: 0 }));
  progress.add(at(40, { type: 'page-started', page: 'p', slot: 'gpu0-0', attempt: 1 }));
  for (const second of every(0.5, 40, 50)) progress.add(at(second, translated(`p${second}`, 'gpu0-0', 1)));
  expect(progress.pagesPerMinute(timeOf(50))).toBeCloseTo((20 / 50) * 60);
  expect(progress.secondsLeft(timeOf(50))).toBeCloseTo(980 / 2);
});

test('no time is promised while the last pages hang', () => {
  const progress = new Progress();
  progress.add(started(['gpu0-0', 'gpu1-0']));
  progress.add(at(0, { type: 'pages-found', pages: 101, skipped: 0 }));
  progress.add(at(0, { type: 'page-started', page: 'p', slot: 'gpu0-0', attempt: 1 }));
  for (const second of every(3, 0, 300)) progress.add(at(second, translated(`p${second}`, 'gpu0-0', 3)));
  expect(progress.secondsLeft(timeOf(303))).toBeCloseTo(3, 0);
  expect(progress.secondsLeft(timeOf(358))).toBeDefined();
  expect(progress.secondsLeft(timeOf(362))).toBeUndefined();
  expect(progressParts(progress, timeOf(900)).join()).not.toContain('left');
  progress.add(at(901, translated('late', 'gpu1-0', 600)));
  expect(progress.secondsLeft(timeOf(901))).toBe(0);
});

test('pages that take minutes are no reason to promise nothing', () => {
  const progress = new Progress();
  progress.add(started(['gpu0-0']));
  progress.add(at(0, { type: 'pages-found', pages: 20, skipped: 0 }));
  progress.add(at(0, { type: 'page-started', page: 'p', slot: 'gpu0-0', attempt: 1 }));
  for (const second of every(120, 0, 1200)) progress.add(at(second, translated(`p${second}`, 'gpu0-0', 120)));
  expect(progress.secondsLeft(timeOf(1500))).toBeDefined();
});

test('where there is little room, what can be spared is missing, and the time left is not cut', () => {
  const progress = new Progress();
  progress.add(started(['gpu0-0']));
  progress.add(at(0, { type: 'pages-found', pages: 9600, skipped: 0 }));
  for (const second of every(0.5, 0, 60)) progress.add(at(second, translated(`p${second}`, 'gpu0-0', 1)));
  progress.add(at(60, failed('a.png')));
  expect(progressParts(progress, timeOf(60), 66)).toEqual([
    '121/9600 pages',
    '1 failed',
    '121.0 pages/min',
    'about 1 h 20 min left',
  ]);
  expect(progressParts(progress, timeOf(60), 40)).toEqual(['121/9600 pages', 'about 1 h 20 min left']);
  expect(progressParts(progress, timeOf(60), 10)).toEqual(['121/9600 pages']);
});

test('knows what each slot is at', () => {
  const progress = new Progress();
  progress.add(started(['gpu0-0', 'gpu1-0']));
  progress.add(at(1, { type: 'worker-started', slot: 'gpu0-0', gpu: 0, pid: 7 }));
  progress.add(at(2, { type: 'page-started', page: 'a.png', slot: 'gpu1-0', attempt: 1 }));
  progress.add(at(3, { type: 'page-stage', page: 'a.png', slot: 'gpu1-0', stage: 'ocr' }));
  expect(progress.slots.get('gpu0-0')).toMatchObject({ doing: 'loading' });
  expect(progress.slots.get('gpu1-0')).toMatchObject({ doing: 'page', page: 'a.png', stage: 'ocr' });
});

test('a slot whose page comes again has none until it begins the next one', () => {
  const progress = new Progress();
  progress.add(started(['gpu0-0']));
  progress.add(at(0, { type: 'page-started', page: 'a.png', slot: 'gpu0-0', attempt: 1 }));
  const again = { type: 'page-retried', page: 'a.png', slot: 'gpu0-0', attempt: 1 } as const;
  progress.add(at(3, { ...again, reason: 'busy', message: '429' }));
  expect(progress.slots.get('gpu0-0')).toMatchObject({ doing: 'idle' });
});

test('pages whose outputs nobody can name yet count as written, until their script ends or they are done', () => {
  const progress = new Progress();
  progress.add(started(['cpu-0']));
  progress.add(at(1, { type: 'pages-found', pages: 10, skipped: 0 }));
  const written = (page: string) =>
    ({ type: 'page-written', page, slot: 'cpu-0', file: `${page}_t` }) as const;
  for (const [second, page] of ['a', 'b', 'c', 'c'].entries()) progress.add(at(10 + second, written(page)));
  expect(progressParts(progress, timeOf(20)).slice(0, 3)).toEqual(['0/10 pages', '3 written', '30.0 %']);
  progress.add(at(20, translated('a', 'cpu-0', 3)));
  expect(progressParts(progress, timeOf(20)).slice(0, 3)).toEqual(['1/10 pages', '2 written', '30.0 %']);
  const exited = { type: 'worker-exited', slot: 'cpu-0', exitCode: 1, signal: null, pages: 1 } as const;
  progress.add(at(21, exited));
  expect(progressParts(progress, timeOf(21)).slice(0, 2)).toEqual(['1/10 pages', '10.0 %']);
});
