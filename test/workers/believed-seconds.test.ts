import { expect, test } from 'vitest';
import { believedSeconds } from '../../src/workers/believed-seconds.ts';

test.each([
  { name: 'what it says is believed', said: 1.5, believed: 1.5 },
  { name: 'clocks differ a little', said: 2.06, believed: 2.06 },
  { name: 'it says nothing', said: undefined, believed: 2 },
  { name: 'zero is no measurement', said: 0, believed: 2 },
  { name: 'next to nothing neither', said: 0.0001, believed: 2 },
  { name: 'longer than the page was there', said: 1e9, believed: 2 },
  { name: 'it read ahead: since the page was handed over', said: 3, mostSeconds: 3.5, believed: 3 },
  { name: 'longer than since then', said: 4, mostSeconds: 3.5, believed: 2 },
])('$name: $said → $believed of 2 s', ({ said, mostSeconds, believed }) => {
  const measured = { measured: 2, ...(mostSeconds !== undefined && { mostSeconds }) };
  expect(believedSeconds(said, measured)).toBe(believed);
});
