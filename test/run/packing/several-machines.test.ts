import { expect, test } from 'vitest';
import { slotOn } from '../../../src/devices/slots.ts';
import type { Slot } from '../../../src/model/slot.ts';
import { PackingPolicy } from '../../../src/run/packing/packing-policy.ts';
import type { Resources } from '../../../src/run/packing/resources.ts';
import type { MachineUse } from '../../../src/workers/hosts/host.ts';
import { translated } from '../../report/streams.ts';

const slotIn = (node: string, index: number): Slot =>
  slotOn({ index, node, name: 'Tesla T4', vendor: 'nvidia', visibleAs: '0' }, 0);
const SLOTS = [slotIn('node1', 0), slotIn('node1', 1), slotIn('node2', 2)];

/** The slots that are added where each of the GPUs has done ten pages, and what is said of those that get none. */
function addedWith(machines: Record<string, MachineUse>) {
  const policy = new PackingPolicy(SLOTS, () => 1);
  let nowMs = 0;
  for (const slot of SLOTS) {
    policy.hear({ type: 'worker-started', slot: slot.id, gpu: slot.gpu?.index ?? null, pid: 1 }, nowMs);
    policy.hear({ type: 'worker-ready', slot: slot.id, loadSeconds: 1 }, nowMs);
  }
  for (let page = 0; page < 10; page += 1) {
    for (const { id: slot } of SLOTS)
      policy.hear({ type: 'page-started', page: `${page}${slot}`, slot, attempt: 1 }, nowMs);
    nowMs += 1000;
    for (const { id } of SLOTS) policy.hear(translated(`${page}${id}`, id, 1), nowMs);
  }
  const resources: Resources = {
    memoryOf: () => undefined,
    // Of the machine of the launcher, on which none of them lives.
    mainFree: 0,
    mainPeak: 4e9,
    cores: 1,
    coresUsed: 1,
    machines: new Map(Object.entries(machines)),
    moreWorkers: 100,
    pagesLeft: 10_000,
    mayBeMore: true,
    groupsLeft: undefined,
  };
  const steps = policy.decide(resources);
  const added = steps.flatMap((step) => (step.by === 'add' ? [step.slot.id] : []));
  const why = steps.flatMap((step) => (step.by === 'tell' && step.why ? [step.why] : []));
  return { added, why: [...new Set(why)] };
}

test('each machine has room by itself: one that is full keeps no worker from another', () => {
  const { added, why } = addedWith({
    node1: { freeBytes: 5e9, cores: 32 },
    node2: { freeBytes: 100e9, cores: 32 },
  });
  expect(added).toEqual(['node1-gpu0-1', 'node2-gpu2-1']);
  expect(why).toEqual(['no room for another worker: it needs 8.8 GB of main memory, and 5.0 GB is free']);
});

test('a node has no more workers than cores; one whose memory nobody tells is not kept from more', () => {
  const { added, why } = addedWith({
    node1: { freeBytes: 100e9, cores: 2 },
    node2: { freeBytes: undefined, cores: 2 },
  });
  expect(added).toEqual(['node2-gpu2-1']);
  expect(why).toEqual(['no room for another worker: its node has 2 cores, and a worker for each']);
});
