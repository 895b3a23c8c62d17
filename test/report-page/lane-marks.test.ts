import { expect, test } from 'vitest';
import type { ReportedMark } from '../../src/report/html/report-data.ts';
import { laneMarks, markAt, timeOfSlot } from '../../src/report-page/lane-marks.ts';

/** Two slots on GPU 0, one on GPU 1, and one on GPU 0 of another part. */
const slots = [
  { slot: 'a', gpu: 0 },
  { slot: 'b', gpu: 0 },
  { slot: 'c', gpu: 1 },
  { slot: 'd', gpu: 0, part: 2 },
];
const mark = (at: number, kind: ReportedMark['kind'], more: Partial<ReportedMark>): ReportedMark => ({
  kind,
  at,
  text: kind,
  ...more,
});

test('what happened to a slot is on its line, and what happened to a GPU on those of its slots', () => {
  const marks = [
    mark(100, 'joined', { slot: 2 }),
    mark(200, 'exited', { slot: 1 }),
    mark(300, 'packing', { gpu: 0 }),
    mark(350, 'packing', { gpu: 0, part: 2 }),
    mark(400, 'waiting', { span: 2000 }),
    mark(500, 'retired', { slot: 0 }),
    mark(600, 'benched', { gpu: 0 }),
    mark(700, 'packing', { gpu: 9 }),
  ];
  expect(laneMarks({ marks, slots }).map(({ kind, lane, seconds }) => [kind, lane, seconds])).toEqual([
    ['exited', 1, 2],
    ['packing', 0, 3],
    ['packing', 3, 3.5],
    ['retired', 0, 5],
    ['benched', 0, 6],
    ['benched', 1, 6],
  ]);
});

test('a slot takes pages from when it joined until it retired for good', () => {
  const marks = [
    mark(100, 'joined', { slot: 2 }),
    mark(200, 'retired', { slot: 2 }),
    mark(300, 'benched', { gpu: 0 }),
    mark(400, 'joined', { slot: 1 }),
    mark(500, 'retired', { slot: 1 }),
    mark(600, 'benched', { gpu: 0 }),
  ];
  const times = slots.map((_, at) => timeOfSlot({ marks, slots }, at));
  expect(times).toEqual([{ retired: 3 }, { retired: 5 }, { joined: 1, retired: 2 }, {}]);
});

test('of several marks under the pointer it is the nearest', () => {
  const marks = laneMarks({
    marks: [
      mark(100, 'exited', { slot: 0 }),
      mark(140, 'retired', { slot: 0 }),
      mark(120, 'exited', { slot: 1 }),
    ],
    slots,
  });
  expect(markAt(marks, { lane: 0, seconds: 1.3, near: 0.5 })?.kind).toBe('retired');
  expect(markAt(marks, { lane: 0, seconds: 1.1, near: 0.5 })?.kind).toBe('exited');
  expect(markAt(marks, { lane: 0, seconds: 3, near: 0.5 })).toBeUndefined();
});
