import type { Slot } from '../../src/model/slot.ts';
import { DynamicSchedule } from '../../src/schedule/dynamic.ts';

const SECONDS_PER_PIXEL = 200e-9;

/** Plays a schedule on eight slots without processes: 960 pages, 2 s a load. Efficiency is best possible time / time. */
export function simulate({
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
}): { efficiency: number; seconds: number; loads: number } {
  const slots: Slot[] = Array.from({ length: 8 }, (_, index) => ({
    id: `gpu${index}-0`,
    gpu: { index, vendor: 'nvidia', visibleAs: String(index) },
  }));
  const pixels = new Map(Array.from({ length: pages }, (_, index) => [`p${index}`, pixelsOf(index)]));
  const schedule = new DynamicSchedule({ slots, costOf: (id) => pixels.get(id) ?? 0 });
  schedule.add([...pixels.keys()].map((id) => ({ id, path: `/${id}` })));
  schedule.close();
  const speedOf = (slot: string): number => (slots.findIndex(({ id }) => id === slot) < slow ? 0.5 : 1);
  const secondsOf = (slot: string, page: string): number =>
    ((pixels.get(page) ?? 0) * SECONDS_PER_PIXEL) / speedOf(slot);

  // What happens next anywhere: a slot is free, or one of its pages is done.
  const happenings: { at: number; slot: string; act: () => void }[] = [];
  let end = 0;
  let loads = 0;
  const ask = (slot: string, at: number, loaded: boolean): void => {
    const batch = schedule.take(slot, warm ? 1 : undefined);
    if (!batch) return;
    let time = at;
    if (!loaded) {
      time += load;
      loads += 1;
      const loadedAt = time;
      happenings.push({ at: loadedAt, slot, act: () => schedule.loaded(slot, load) });
    }
    for (const { id } of batch) {
      time += secondsOf(slot, id);
      happenings.push({ at: time, slot, act: () => schedule.finished(slot, id, secondsOf(slot, id)) });
    }
    end = Math.max(end, time);
    const free = time;
    happenings.push({ at: free, slot, act: () => ask(slot, free, warm) });
  };
  for (const { id } of slots) ask(id, 0, false);
  while (happenings.length > 0) {
    let first = 0;
    for (const [index, { at }] of happenings.entries()) if (at < (happenings[first]?.at ?? 0)) first = index;
    happenings.splice(first, 1)[0]?.act();
  }
  const work = [...pixels.values()].reduce((sum, one) => sum + one * SECONDS_PER_PIXEL, 0);
  const longest = Math.max(...pixels.values()) * SECONDS_PER_PIXEL;
  const speed = slots.reduce((sum, { id }) => sum + speedOf(id), 0);
  const best = load + Math.max(work / speed, longest);
  return { efficiency: best / end, seconds: end, loads };
}
