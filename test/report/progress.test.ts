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
