import { expect, test } from 'vitest';
import { Spending } from '../../src/run/spending.ts';

function given(most?: number) {
  const told: string[] = [];
  const spending = new Spending({
    most,
    onReached: () => told.push('reached'),
    emit: (event) => told.push(event.type === 'notice' ? event.text : event.type),
  });
  return { told, spending };
}

test('costs of all tries add up, and the bound is told of once', () => {
  const { told, spending } = given(0.5);
  spending.paid('a', 0.1);
  spending.paid('a', 0.2);
  expect(spending.takeOf('a')).toBe(0.3);
  expect(spending.takeOf('a')).toBeUndefined();
  expect(told).toEqual([]);
  spending.paid('b', 0.2);
  spending.paid('c', 1);
  expect(told).toEqual(['reached']);
  expect(spending.total).toBe(1.5);
});

test('a worker that reports no costs is told of, where there is a bound', () => {
  const [bound, free] = [given(1), given()];
  for (const { spending } of [bound, free]) for (let n = 0; n < 30; n += 1) spending.paid(`${n}`, undefined);
  expect(bound.told).toEqual([expect.stringContaining('--max-cost has no effect')]);
  expect(free.told).toEqual([]);
});
