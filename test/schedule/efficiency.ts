import type { Slot } from '../../src/model/slot.ts';
import { makeSchedule } from '../../src/schedule/make-schedule.ts';
import { simulate } from '../../src/schedule/simulate.ts';
import { sizedCosts } from './sized-costs.ts';

const SECONDS_PER_PIXEL = 200e-9;

/** Plays `dynamic` on eight slots: 960 pages, 2 s a load. Efficiency is best possible time / time. */
export function efficiencyOf({
  pixelsOf,
  warm,
  slow = 0,
  pages = 960,
  load = 2,
}: {
  pixelsOf: (index: number) => number;
  warm: boolean;
  /** So many slots are half as fast. */
  slow?: number;
  pages?: number;
  load?: number;
}): number {
  const slots: Slot[] = Array.from({ length: 8 }, (_, index) => ({
    id: `gpu${index}-0`,
    gpu: { index, vendor: 'nvidia', visibleAs: String(index) },
  }));
  const pixels = new Map(Array.from({ length: pages }, (_, index) => [`p${index}`, pixelsOf(index)]));
  const speedOf = (slot: string): number => (slots.findIndex(({ id }) => id === slot) < slow ? 0.5 : 1);
  const shares = simulate({
    schedule: makeSchedule('dynamic', {
      pages: [...pixels.keys()].map((id) => ({ id, path: `/${id}` })),
      slots,
      costs: sizedCosts(pixels.keys(), (id) => (pixels.get(id) ?? 0) / 1e6),
    }),
    slots,
    pageByPage: warm,
    costOf: ({ id }, slot) => ((pixels.get(id) ?? 0) * SECONDS_PER_PIXEL) / speedOf(slot.id),
    loadSeconds: load,
  });
  const work = [...pixels.values()].reduce((sum, one) => sum + one * SECONDS_PER_PIXEL, 0);
  const longest = Math.max(...pixels.values()) * SECONDS_PER_PIXEL;
  const speed = slots.reduce((sum, { id }) => sum + speedOf(id), 0);
  const best = load + Math.max(work / speed, longest);
  return best / Math.max(...shares.map(({ seconds }) => seconds));
}
