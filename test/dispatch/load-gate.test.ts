import { expect, test } from 'vitest';
import { LoadGate } from '../../src/dispatch/load-gate.ts';
import type { Slot } from '../../src/model/slot.ts';

/** Lets all that can go on go on. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Slots are named by device and letter: `0a`. `inside` are those that may load. */
function given({
  needsFirst = false,
  inTurnOnDevice = true,
  isShortFor = (_loads: number): boolean => false,
} = {}) {
  const gate = new LoadGate({ needsFirst, inTurnOnDevice, isShortFor });
  const slots = new Map<string, Slot>();
  const slot = (name: string): Slot => {
    const index = Number(name[0]);
    const made: Slot = { id: name, gpu: { index, vendor: 'nvidia', visibleAs: `${index}` } };
    return slots.get(name) ?? (slots.set(name, made) && made);
  };
  const inside: string[] = [];
  const enter = (...names: string[]): Promise<void> => {
    for (const name of names) void gate.enter(slot(name)).then(() => inside.push(name));
    return settle();
  };
  const ready = (name: string): Promise<void> => {
    gate.ready(slot(name));
    return settle();
  };
  const gone = async (name: string) => {
    const beside = gate.gone(slot(name));
    await settle();
    return beside;
  };
  return { gate, slot, inside, enter, ready, gone };
}

test('workers of different devices load at once, those of one device one after the other', async () => {
  const { inside, enter, ready } = given();
  await enter('0a', '0b', '1a');
  expect(inside).toEqual(['0a', '1a']);
  await ready('0a');
  expect(inside).toEqual(['0a', '1a', '0b']);
});

test('programs that do not tell when they have loaded start at once', async () => {
  const { inside, enter } = given({ inTurnOnDevice: false });
  await enter('0a', '0b', '1a');
  expect(inside).toEqual(['0a', '0b', '1a']);
});

test('where something has to be downloaded one goes first, and the others once its first page is done', async () => {
  const { gate, slot, inside, enter, ready } = given({ needsFirst: true });
  await enter('0a', '1a', '2a');
  await ready('0a');
  expect(inside).toEqual(['0a']);
  gate.pageDone(slot('0a'));
  await settle();
  expect(inside).toEqual(['0a', '1a', '2a']);
});

test('the one that goes first is lost or idle: one other goes first, not all', async () => {
  const { gate, slot, inside, enter, gone } = given({ needsFirst: true });
  await enter('0a', '1a', '2a');
  await gone('0a');
  expect(inside).toEqual(['0a', '1a']);
  gate.rest(slot('1a'));
  await settle();
  expect(inside).toEqual(['0a', '1a', '2a']);
});

test('who was beside a worker that did not start is told, and nothing of one that did', async () => {
  const { enter, ready, gone } = given();
  await enter('0a', '0b', '1a');
  expect(await gone('1a')).toEqual({ ofDevice: false, loading: true });
  await ready('0a');
  expect(await gone('0b')).toEqual({ ofDevice: true, loading: false });
  expect(await gone('0a')).toBeUndefined();
});

test('after a start that failed beside others all load one after the other, until that is known to be no harm', async () => {
  const { gate, inside, enter, ready, gone } = given();
  await enter('0a', '1a');
  await gone('0a');
  await enter('0a', '2a');
  expect(inside).toEqual(['0a', '1a']);
  await ready('1a');
  expect(inside).toEqual(['0a', '1a', '0a']);
  gate.loadTogether();
  await settle();
  expect(inside).toEqual(['0a', '1a', '0a', '2a']);
});

test('whose workers are there is known, and who hears of it when one is gone', async () => {
  const { gate, slot, enter, gone } = given();
  let told = 0;
  gate.onChange(() => {
    told += 1;
  });
  await enter('0a');
  expect([gate.isAlive(slot('0a')), gate.isOccupied(slot('0a')), gate.isOccupied(slot('0b'))]).toEqual([
    true,
    false,
    true,
  ]);
  await gone('0a');
  expect([gate.isAlive(slot('0a')), told]).toEqual([false, 1]);
});

test('while main memory is short workers load one after the other', async () => {
  let room = 2;
  const { inside, enter, ready, gone } = given({ isShortFor: (loads) => loads > room });
  await enter('0a', '1a', '2a', '3a');
  expect(inside).toEqual(['0a', '1a']);
  room = 0;
  await ready('0a');
  expect(inside).toEqual(['0a', '1a']);
  // With nobody loading one may: there will be no more room than now.
  await gone('1a');
  expect(inside).toEqual(['0a', '1a', '2a']);
  room = 9;
  await ready('2a');
  expect(inside).toEqual(['0a', '1a', '2a', '3a']);
});

test('on several machines one goes first on each: what it downloads is there alone', async () => {
  const gate = new LoadGate({ needsFirst: true, inTurnOnDevice: true });
  const slotOn = (node: string, index: number): Slot => ({
    id: `${node}-${index}`,
    gpu: { index, node, vendor: 'nvidia', visibleAs: `${index}` },
  });
  const inside: string[] = [];
  const slots = [slotOn('node1', 0), slotOn('node1', 1), slotOn('node2', 2), slotOn('node2', 3)] as const;
  for (const slot of slots) void gate.enter(slot).then(() => inside.push(slot.id));
  await settle();
  expect(inside).toEqual(['node1-0', 'node2-2']);
  gate.pageDone(slots[0]);
  await settle();
  expect(inside).toEqual(['node1-0', 'node2-2', 'node1-1']);
});

test('a start that failed beside none on its machine says nothing of other machines', async () => {
  const gate = new LoadGate({ needsFirst: false, inTurnOnDevice: true });
  const slotOn = (node: string, index: number): Slot => ({
    id: `${node}-${index}`,
    gpu: { index, node, vendor: 'nvidia', visibleAs: `${index}` },
  });
  const [one, two, third] = [slotOn('node1', 0), slotOn('node2', 1), slotOn('node2', 2)];
  await gate.enter(one);
  await gate.enter(two);
  expect(gate.gone(one)).toEqual({ ofDevice: false, loading: false });
  // Else it would wait for the second one.
  await gate.enter(third);
  expect(gate.isAlive(third)).toBe(true);
});
