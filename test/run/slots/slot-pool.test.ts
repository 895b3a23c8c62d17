import { expect, test } from 'vitest';
import { Dispatcher } from '../../../src/dispatch/dispatcher.ts';
import { LoadGate } from '../../../src/dispatch/load-gate.ts';
import type { Happening } from '../../../src/model/events.ts';
import type { Slot } from '../../../src/model/slot.ts';
import { SlotPool } from '../../../src/run/slots/slot-pool.ts';
import { Costs } from '../../../src/schedule/costs.ts';
import { DynamicSchedule } from '../../../src/schedule/dynamic.ts';
import type { PageRecorder } from '../../../src/store/outputs/recorder.ts';

const slotOf = (index: number): Slot => ({
  id: `gpu${index}-0`,
  gpu: { index, vendor: 'nvidia', visibleAs: String(index) },
});
const PAGES = Array.from({ length: 12 }, (_, at) => ({ id: `${at + 1}.png`, path: `/in/${at + 1}.png` }));

test('slots join and retire while the pool is at work: each page is done once, and nobody is waited for in vain', async () => {
  const first = slotOf(0);
  const schedule = new DynamicSchedule({ slots: [first], costs: new Costs() });
  schedule.add(PAGES);
  schedule.close();
  const dispatcher = new Dispatcher({
    schedule,
    slots: [first],
    takes: 'page',
    retries: 2,
    gate: new LoadGate({ needsFirst: false, inTurnOnDevice: true }),
    stop: new AbortController().signal,
  });
  const told: Happening[] = [];
  const done: [page: string, slot: string][] = [];
  const waiting: (() => void)[] = [];
  const pool = new SlotPool(
    {
      dispatcher,
      emit: (happening) => told.push(happening),
      recorder: {} as PageRecorder,
      fail: (error) => {
        throw error;
      },
    },
    async (slot) => {
      for (;;) {
        const assignment = await dispatcher.next(slot);
        if (assignment?.by !== 'work') return;
        const [page] = assignment.pages;
        if (!page) throw new Error('an assignment without a page');
        await new Promise<void>((resolve) => waiting.push(resolve));
        done.push([page.id, slot.id]);
        dispatcher.pageDone(assignment, page);
        dispatcher.settle(assignment, { by: 'ended', failed: [], remaining: [] });
      }
    },
  );
  const step = async (): Promise<void> => {
    for (const go of waiting.splice(0)) go();
    await new Promise((resolve) => setImmediate(resolve));
  };
  pool.start([first]);
  await step();
  await step();
  pool.join(slotOf(1), 'a GPU was freed');
  await step();
  await step();
  await pool.retire(first, 'its node goes');
  const retiredAt = done.length;
  const settled = pool.settled();
  for (let left = 20; left > 0; left -= 1) await step();
  await settled;

  expect(done.map(([page]) => page).toSorted()).toEqual(PAGES.map(({ id }) => id).toSorted());
  expect(new Set(done.slice(0, retiredAt).map(([, slot]) => slot))).toEqual(new Set(['gpu0-0', 'gpu1-0']));
  // The page that it had in hand is its last one.
  expect(done.slice(retiredAt + 2).every(([, slot]) => slot === 'gpu1-0')).toBe(true);
  expect(told).toEqual([
    { type: 'slot-joined', slot: 'gpu1-0', device: 'gpu1', gpu: 1, why: 'a GPU was freed' },
    { type: 'slot-retired', slot: 'gpu0-0', why: 'its node goes' },
  ]);
});
