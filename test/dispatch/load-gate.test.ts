import { expect, test } from 'vitest';
import { LoadGate } from '../../src/dispatch/load-gate.ts';

/** Lets all that can go on go on. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Workers named by letters that want to start; `inside` are those that may. */
function given(needed: boolean) {
  const first = new LoadGate(needed);
  const names: Record<string, object> = {};
  const of = (name: string): object => {
    names[name] ??= { name };
    return names[name];
  };
  const inside: string[] = [];
  const enter = (...all: string[]): Promise<void> => {
    for (const name of all) void first.enter(of(name)).then(() => inside.push(name));
    return settle();
  };
  const leave = (name: string): Promise<void> => {
    first.leave(of(name));
    return settle();
  };
  return { first, inside, enter, leave };
}

test('where nothing has to be downloaded all start at once', async () => {
  const { inside, enter } = given(false);
  await enter('a', 'b', 'c');
  expect(inside).toEqual(['a', 'b', 'c']);
});

test('one goes first, and all others once its first page is done', async () => {
  const { first, inside, enter } = given(true);
  await enter('a', 'b', 'c');
  expect(inside).toEqual(['a']);
  first.succeeded();
  await settle();
  expect(inside).toEqual(['a', 'b', 'c']);
  await enter('d');
  expect(inside).toEqual(['a', 'b', 'c', 'd']);
});

test('the one that goes first may start again without waiting for itself', async () => {
  const { inside, enter } = given(true);
  await enter('a', 'b');
  await enter('a');
  expect(inside).toEqual(['a', 'a']);
});

test('it is lost or idle: one other goes first, not all', async () => {
  const { inside, enter, leave } = given(true);
  await enter('a', 'b', 'c');
  await leave('a');
  expect(inside).toEqual(['a', 'b']);
  await enter('a');
  expect(inside).toEqual(['a', 'b']);
  await leave('b');
  expect(inside).toHaveLength(3);
});

test('who does not go first has nothing to leave', async () => {
  const { inside, enter, leave } = given(true);
  await enter('a', 'b');
  await leave('b');
  await leave('nobody');
  expect(inside).toEqual(['a']);
});

test('after success nobody who leaves holds anybody up', async () => {
  const { first, inside, enter, leave } = given(true);
  await enter('a');
  first.succeeded();
  await leave('a');
  await enter('b', 'c');
  expect(inside).toEqual(['a', 'b', 'c']);
});
