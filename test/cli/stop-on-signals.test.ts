import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { stopOnSignals } from '../../src/cli/stop-on-signals.ts';
import { Stop } from '../../src/run/stop.ts';

function listening(hasTerminal = true): { process: EventEmitter; stop: Stop; letGo: () => void } {
  const process = new EventEmitter();
  const stop = new Stop();
  return { process, stop, letGo: stopOnSignals(stop, { process: process as NodeJS.Process, hasTerminal }) };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('the first signal drains, the second kills', () => {
  const { process, stop, letGo } = listening();
  process.emit('SIGINT', 'SIGINT');
  expect([stop.drain.aborted, stop.kill.aborted]).toEqual([true, false]);
  process.emit('SIGTERM', 'SIGTERM');
  expect(stop.kill.aborted).toBe(true);
  expect([...stop.reasons]).toEqual(['SIGINT', 'SIGTERM']);
  letGo();
  expect(process.eventNames()).toEqual([]);
});

test('a signal that comes twice at once, as from npm, is one; later it is the second', () => {
  const { process, stop } = listening();
  process.emit('SIGINT', 'SIGINT');
  vi.advanceTimersByTime(150);
  process.emit('SIGINT', 'SIGINT');
  expect(stop.kill.aborted).toBe(false);
  vi.advanceTimersByTime(100);
  process.emit('SIGINT', 'SIGINT');
  expect(stop.kill.aborted).toBe(true);
});

test('where the run stops already, the first signal kills', () => {
  const { process, stop } = listening();
  stop.ask('max-time');
  process.emit('SIGINT', 'SIGINT');
  expect(stop.kill.aborted).toBe(true);
});

test.each([true, false])('a hangup with a terminal: %s', (hasTerminal) => {
  const { process, stop } = listening(hasTerminal);
  process.emit('SIGHUP', 'SIGHUP');
  expect(stop.drain.aborted).toBe(hasTerminal);
});
