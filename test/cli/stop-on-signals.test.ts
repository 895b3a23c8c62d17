import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { stopOnSignals } from '../../src/cli/stop-on-signals.ts';
import { Stop } from '../../src/run/stop.ts';

function listening(hasTerminal = true): { process: EventEmitter; stop: Stop; letGo: () => void } {
  const process = new EventEmitter();
  const stop = new Stop();
  return { process, stop, letGo: stopOnSignals(stop, { process: process as NodeJS.Process, hasTerminal }) };
}

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

test.each([true, false])('a hangup with a terminal: %s', (hasTerminal) => {
  const { process, stop } = listening(hasTerminal);
  process.emit('SIGHUP', 'SIGHUP');
  expect(stop.drain.aborted).toBe(hasTerminal);
});
