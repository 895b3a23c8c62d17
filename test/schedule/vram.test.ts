import { expect, test } from 'vitest';
import { folderOf, type Page } from '../../src/model/page.ts';
import type { Slot } from '../../src/model/slot.ts';
import { forecast, secondsOf } from '../../src/schedule/forecast.ts';
import type { Deal, Schedule } from '../../src/schedule/strategy.ts';
import { VramSchedule } from '../../src/schedule/vram.ts';
import { sizedCosts } from './sized-costs.ts';

const GB = 1e9;
const slotOf = (index: number, memoryTotalBytes: number): Slot => ({
  id: `gpu${index}-0`,
  gpu: { index, vendor: 'nvidia', visibleAs: String(index), memoryTotalBytes },
});
const SLOTS = [slotOf(0, 24 * GB), slotOf(1, 8 * GB)];
const sizeOf = (id: string): number => 1 + (Number(/\d+$/.exec(id)?.[0]) % 7);
const pagesOf = (count: number, folder = ''): Page[] =>
  Array.from({ length: count }, (_, at) => ({ id: `${folder}${at}`, path: `/in/${folder}${at}` }));
const dealOf = (pages: readonly Page[]): Deal => ({
  pages,
  slots: SLOTS,
  costs: sizedCosts(
    pages.map(({ id }) => id),
    sizeOf,
  ),
});
const vram = (deal: Deal): VramSchedule =>
  new VramSchedule(deal, {
    needOf: (page) => sizeOf(page) * GB,
    roomOf: ({ gpu }) => gpu?.memoryTotalBytes,
  });
/** A page for each slot in turn, until there are none. */
const takeAll = (schedule: Schedule): string[][] => {
  const taken: string[][] = [];
  for (;;) {
    const round = SLOTS.map(({ id }) => schedule.take(id)?.[0]?.id ?? '');
    if (round.every((id) => id === '')) return taken;
    taken.push(round);
  }
};

test.each([
  ['pages by themselves', dealOf(pagesOf(40))],
  ['folders', { ...dealOf(['a/', 'b/', 'c/', 'd/'].flatMap((of) => pagesOf(5, of))), groupOf: folderOf }],
])('a copy of %s plays on from where the schedule is, and takes nothing from it', (_, deal) => {
  const schedule = vram(deal);
  const [back] = schedule.take('gpu0-0') ?? [];
  for (const { id } of SLOTS) schedule.take(id);
  if (back) schedule.giveBack('gpu0-0', [back]);
  const waiting = schedule.waiting;
  const played = takeAll(schedule.copy(deal.costs.copy()));
  expect(schedule.waiting).toBe(waiting);
  expect(played.flat().filter((id) => id !== '').length).toBe(waiting);
  expect(takeAll(schedule)).toEqual(played);
});

test('it tells what pages took, and orders them by size however long they take', () => {
  const pages = pagesOf(40);
  const deal = dealOf(pages);
  const schedule = vram(deal);
  // Whatever its size, a page takes a second.
  for (let at = 0; at < 10; at += 1) {
    for (const { id: slot } of SLOTS) {
      const [page] = schedule.take(slot) ?? [];
      if (page) schedule.finished(slot, page.id, 1);
    }
  }
  expect(deal.costs.timed).toBe(20);
  const [largest] = vram(deal).take('gpu0-0') ?? [];
  expect(sizeOf(largest?.id ?? '')).toBe(7);
});

test('a forecast for workers that stay loaded gives the large pages to the large card, and both end together', () => {
  const pages = pagesOf(140);
  const { costs } = dealOf(pages);
  for (const slot of SLOTS) costs.join(slot);
  for (const { id } of pages.slice(0, 20)) costs.worked('gpu0-0', id, sizeOf(id));
  const shares = forecast({ strategy: 'vram', pages, slots: SLOTS, costs, pageByPage: true });
  const [large, small] = shares.map((share) => share.pages.map(({ id }) => sizeOf(id)));
  expect(Math.min(...(large ?? []))).toBeGreaterThanOrEqual(Math.max(...(small ?? [])));
  const seconds = secondsOf(shares);
  for (const share of shares) expect(share.seconds).toBeGreaterThan(seconds * 0.95);
  expect(seconds).toBeCloseTo(pages.reduce((sum, { id }) => sum + sizeOf(id), 0) / 2, -1);
});
