import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { stopOnSignals } from '../../src/cli/stop-on-signals.ts';
import { Stop } from '../../src/model/stop.ts';

function listening(hasTerminal = true): {
  process: EventEmitter;
  stop: Stop;
  letGo: (exitCode?: number) => void;
} {
  const process = new EventEmitter();
  const stop = new Stop();
  stop.begin();
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

test('once the run is over, a signal ends the process with its exit code', () => {
  const exits: unknown[] = [];
  const { process, stop, letGo } = listening();
  Object.assign(process, { exit: (code: number) => exits.push(code) });
  letGo(143);
  process.emit('SIGINT', 'SIGINT');
  expect(exits).toEqual([143]);
  expect(stop.drain.aborted).toBe(false);
});

test('an echo of the signal that stopped the run ends nothing that follows it; a hangup that nobody meant neither', () => {
  const exits: unknown[] = [];
  const { process, letGo } = listening(false);
  Object.assign(process, { exit: (code: number) => exits.push(code) });
  process.emit('SIGINT', 'SIGINT');
  letGo(130);
  vi.advanceTimersByTime(100);
  process.emit('SIGINT', 'SIGINT');
  process.emit('SIGHUP', 'SIGHUP');
  expect(exits).toEqual([]);
  vi.advanceTimersByTime(200);
  process.emit('SIGINT', 'SIGINT');
  expect(exits).toEqual([130]);
});

test('a run that was stopped before it began may be followed by more than a second of work', () => {
  const kills: unknown[] = [];
  const process = Object.assign(new EventEmitter(), {
    pid: 7,
    kill: (...words: unknown[]) => kills.push(words),
  });
  const letGo = stopOnSignals(new Stop(), {
    process: process as unknown as NodeJS.Process,
    hasTerminal: true,
  });
  process.emit('SIGTERM', 'SIGTERM');
  letGo(143);
  vi.advanceTimersByTime(5000);
  expect(kills).toEqual([]);
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

test('another signal is no echo, and comes through between two of a kind', () => {
  const { process, stop } = listening();
  process.emit('SIGINT', 'SIGINT');
  vi.advanceTimersByTime(50);
  process.emit('SIGINT', 'SIGINT');
  expect(stop.kill.aborted).toBe(false);
  process.emit('SIGUSR1', 'SIGUSR1');
  expect(stop.kill.aborted).toBe(true);
});

test('before the run has begun, the first signal ends it; what still hangs then ends by that signal', () => {
  const sent: unknown[] = [];
  const earlier = () => {};
  const process = Object.assign(new EventEmitter(), {
    pid: 7,
    kill: (...kill: unknown[]) => sent.push([...kill, process.listeners('SIGTERM')]),
  });
  process.on('SIGTERM', earlier);
  const stop = new Stop();
  stopOnSignals(stop, { process: process as unknown as NodeJS.Process, hasTerminal: true });
  process.emit('SIGTERM', 'SIGTERM');
  expect([...stop.reasons]).toEqual(['SIGTERM']);
  expect(() => stop.begin()).toThrow('');
  expect(sent).toEqual([]);
  vi.advanceTimersByTime(1000);
  expect(sent).toEqual([[7, 'SIGTERM', [earlier]]]);
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
