import { expect, test } from 'vitest';
import { StoppedEarly, unlessStopped, untilStopped } from '../../src/model/unless-stopped.ts';

const never = new Promise<never>(() => {});

test('work that ends in time gives what it gives', async () => {
  const { signal } = new AbortController();
  expect(await unlessStopped(signal, Promise.resolve(1))).toBe(1);
  await expect(unlessStopped(signal, Promise.reject(new Error('no')))).rejects.toThrow('no');
});

test('work that hangs is left when the signal is aborted, and when it is already', async () => {
  const stop = new AbortController();
  const waiting = unlessStopped(stop.signal, never);
  stop.abort();
  await expect(waiting).rejects.toThrow(StoppedEarly);
  await expect(unlessStopped(stop.signal, never)).rejects.toThrow(StoppedEarly);
});

test('a walk that hangs ends where it hangs; what came before is there', async () => {
  const stop = new AbortController();
  const seen: number[] = [];
  async function* walk(): AsyncGenerator<number> {
    yield 1;
    yield 2;
    await never;
  }
  for await (const page of untilStopped(stop.signal, walk())) {
    seen.push(page);
    if (page === 2) queueMicrotask(() => stop.abort());
  }
  expect(seen).toEqual([1, 2]);
});

test('what goes wrong on a walk comes through', async () => {
  async function* walk(): AsyncGenerator<number> {
    yield 1;
    throw new Error('unreadable');
  }
  const pages = untilStopped(new AbortController().signal, walk());
  expect(await pages.next()).toEqual({ done: false, value: 1 });
  await expect(pages.next()).rejects.toThrow('unreadable');
});
