import { readFileSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import { expect, test } from 'vitest';
import { freeMainMemory } from '../../../src/devices/main-memory.ts';
import { usableCores } from '../../../src/devices/usable-cores.ts';
import { GroupUsage } from '../../../src/workers/hosts/local/group-usage.ts';

/** The process group of this test. */
const GROUP = Number(readFileSync('/proc/self/stat', 'utf8').split(') ')[1]?.split(' ')[2]);
const NOBODY = 4_194_304;

test('tells what groups of processes use between two looks, and nothing of those that are gone', async () => {
  const usage = new GroupUsage();
  const first = await usage.read([GROUP]);
  expect(first.coresUsed).toBeUndefined();
  expect(first.largestBytes).toBeGreaterThan(1e6);
  const began = performance.now();
  // Longer than it takes for a tick of the processor's clock to weigh little.
  while (performance.now() - began < 400);
  const { coresUsed } = await usage.read([GROUP]);
  expect(coresUsed).toBeGreaterThan(0);
  expect(await new GroupUsage().read([NOBODY])).toEqual({ coresUsed: undefined, largestBytes: undefined });
});

test('what the machine has is no more than it says', async () => {
  expect(await usableCores()).toBeLessThanOrEqual(availableParallelism());
  expect(await usableCores()).toBeGreaterThan(0);
  const free = freeMainMemory();
  expect(free).toBeGreaterThan(0);
  expect(free).toBeLessThanOrEqual(totalmem());
});
