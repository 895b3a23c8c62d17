import { expect, test } from 'vitest';
import { Stop } from '../../src/model/stop.ts';

test('draining comes before killing, and every reason is kept', () => {
  const stop = new Stop();
  stop.ask('max-time');
  expect([stop.drain.aborted, stop.kill.aborted]).toEqual([true, false]);
  stop.insist('SIGINT');
  expect(stop.kill.aborted).toBe(true);
  expect([...stop.reasons]).toEqual(['max-time', 'SIGINT']);
});

test('any number of slots may listen without a warning from Node', async () => {
  const warnings: Error[] = [];
  const listener = (warning: Error): void => void warnings.push(warning);
  process.on('warning', listener);
  const stop = new Stop();
  for (let slot = 0; slot < 100; slot += 1) stop.drain.addEventListener('abort', () => {});
  await new Promise((resolve) => setImmediate(resolve));
  process.off('warning', listener);
  expect(warnings).toEqual([]);
});
