import { expect, test } from 'vitest';
import { slotOn } from '../../../src/devices/slots.ts';
import type { Slot } from '../../../src/model/slot.ts';
import { PackingPolicy } from '../../../src/run/packing/packing-policy.ts';
import type { Resources } from '../../../src/run/packing/resources.ts';
import { translated } from '../../report/streams.ts';

const ROOM: Resources = {
  memoryOf: () => undefined,
  mainFree: undefined,
  mainPeak: undefined,
  cores: undefined,
  coresUsed: undefined,
  moreWorkers: 100,
  pagesLeft: 10_000,
  mayBeMore: true,
  groupsLeft: undefined,
};
const slotIn = (node: string, index: number, place = 0): Slot =>
  slotOn({ index, node, name: 'Tesla T4', vendor: 'nvidia', visibleAs: '0' }, place);

/** A policy of a cluster, on which no GPU is held at first. */
function cluster() {
  const policy = new PackingPolicy([], () => 1);
  let nowMs = 0;
  const join = (slot: Slot): void => {
    policy.joined(slot, 16);
    policy.hear({ type: 'worker-started', slot: slot.id, gpu: slot.gpu?.index ?? null, pid: 1 }, nowMs);
    policy.hear({ type: 'worker-ready', slot: slot.id, loadSeconds: 1 }, nowMs);
  };
  /** Each of the slots does so many pages, a second each. */
  const work = (slots: readonly Slot[], pages: number): void => {
    for (let page = 0; page < pages; page += 1) {
      for (const slot of slots)
        policy.hear({ type: 'page-started', page: `${page}${slot.id}`, slot: slot.id, attempt: 1 }, nowMs);
      nowMs += 1000;
      for (const slot of slots) policy.hear(translated(`${page}${slot.id}`, slot.id, 1), nowMs);
    }
  };
  const added = (): string[] =>
    policy.decide(ROOM).flatMap((step) => (step.by === 'add' ? [step.slot.id] : []));
  return { policy, join, work, added };
}

test('GPUs that join are packed together, with names for their slots that nobody had', () => {
  const { join, work, added } = cluster();
  const [one, other] = [slotIn('node1', 0), slotIn('node2', 1)];
  join(one);
  join(other);
  expect(added()).toEqual([]);
  work([one, other], 10);
  expect(added()).toEqual(['node1-gpu0-16', 'node2-gpu1-16']);
});

test('one that joins while workers are on trial goes its own way; one that is lost is no longer waited for', () => {
  const { policy, join, work, added } = cluster();
  const [one, late] = [slotIn('node1', 0), slotIn('node2', 1)];
  join(one);
  work([one], 10);
  expect(added()).toEqual(['node1-gpu0-16']);
  join(late);
  work([late], 10);
  expect(added()).toEqual(['node2-gpu1-16']);
  for (const slot of ['node2-gpu1-0', 'node2-gpu1-16'])
    policy.hear({ type: 'slot-retired', slot, why: 'its node is gone' }, 0);
  const gone = { type: 'worker-exited', exitCode: null, signal: null, pages: 10 } as const;
  policy.hear({ ...gone, slot: late.id }, 0);
  expect(() => added()).not.toThrow();
  const back = slotIn('node2', 1, 32);
  join(back);
  work([back], 10);
  expect(added()).toEqual(['node2-gpu1-16']);
});
