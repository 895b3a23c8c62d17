import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Supervision, Supervisor } from '../../src/workers/supervisor.ts';
import type { WorkerEnd } from '../../src/workers/worker-end.ts';

type Finish = { readonly by: 'finish' };

const GRACE_MS = 5000;
const STUCK_MS = 30_000;
const HOUR_MS = 3_600_000;
const FINISH: Finish = { by: 'finish' };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A supervised process that does what the test says: no signal ends it by itself. */
function supervised(setup: Partial<Supervision> = {}, started: Promise<void> = Promise.resolve()) {
  const signals: string[] = [];
  let tellExit = (): void => {};
  let tellEnd = (_end: WorkerEnd): void => {};
  const exited = new Promise<void>((resolve) => {
    tellExit = resolve;
  });
  const ended = new Promise<WorkerEnd>((resolve) => {
    tellEnd = resolve;
  });
  const supervisor = new Supervisor<Finish>({
    channel: { started, exited, ended, signal: (signal) => signals.push(signal) },
    graceMs: GRACE_MS,
    startTimeoutMs: 0,
    pageTimeoutMs: 0,
    ...setup,
  });
  const exit = async (): Promise<void> => {
    tellExit();
    await exited;
  };
  const end = async (how: WorkerEnd = { by: 'exit', code: 0 }): Promise<WorkerEnd> => {
    await exit();
    tellEnd(how);
    return supervisor.ended;
  };
  return { supervisor, signals, exit, end };
}

/** As a suspended machine does it: the clock goes on, and no timer was due. */
const suspend = (ms: number): void => void vi.setSystemTime(Date.now() + ms);

test('a worker that ends by itself is signalled by nobody', async () => {
  const { supervisor, signals, exit, end } = supervised();
  expect(supervisor.state).toEqual({ is: 'running' });
  await exit();
  expect(supervisor.state).toEqual({ is: 'exited', before: { is: 'running' } });
  expect(await end({ by: 'exit', code: 1 })).toEqual({ by: 'exit', code: 1 });
  expect(supervisor.state).toEqual({
    is: 'gone',
    before: { is: 'running' },
    end: { by: 'exit', code: 1 },
  });
  expect(supervisor.stopReason).toBeUndefined();
  expect(signals).toEqual([]);
});

test('a worker that is asked to end has its grace', async () => {
  const { supervisor, signals, end } = supervised();
  supervisor.stop(FINISH);
  expect(supervisor.state).toEqual({ is: 'stopping', reason: FINISH, step: 'asked' });
  vi.advanceTimersByTime(GRACE_MS - 1);
  expect(signals).toEqual(['SIGTERM']);
  await end({ by: 'signal', signal: 'SIGTERM' });
  vi.advanceTimersByTime(HOUR_MS);
  expect(signals).toEqual(['SIGTERM']);
  expect(supervisor.state).toMatchObject({ is: 'gone', before: { is: 'stopping', reason: FINISH } });
});

test('a worker that stays after its grace is killed, and given up where it stays then', async () => {
  const { supervisor, signals, end } = supervised();
  supervisor.stop(FINISH);
  vi.advanceTimersByTime(GRACE_MS);
  expect(signals).toEqual(['SIGTERM', 'SIGKILL']);
  expect(supervisor.state).toEqual({ is: 'stopping', reason: FINISH, step: 'forced' });
  vi.advanceTimersByTime(STUCK_MS - 1);
  expect(supervisor.state.is).toBe('stopping');
  vi.advanceTimersByTime(1);
  expect(await supervisor.ended).toEqual({ by: 'stuck' });
  // It ends after all, long after anybody waited for it.
  expect(await end()).toEqual({ by: 'stuck' });
  expect(supervisor.state).toMatchObject({ is: 'gone', end: { by: 'stuck' } });
});

test('a kill leaves no grace', async () => {
  const { supervisor, signals, end } = supervised();
  supervisor.kill();
  expect(signals).toEqual(['SIGKILL']);
  expect(supervisor.stopReason).toEqual({ by: 'kill' });
  expect(await end({ by: 'signal', signal: 'SIGKILL' })).toEqual({ by: 'signal', signal: 'SIGKILL' });
});

test('a kill while it is being stopped insists at once, and the reason stays', () => {
  const { supervisor, signals } = supervised();
  supervisor.stop(FINISH);
  vi.advanceTimersByTime(1000);
  supervisor.kill();
  expect(signals).toEqual(['SIGTERM', 'SIGKILL']);
  expect(supervisor.stopReason).toEqual(FINISH);
  // The grace is over for good: from now on it counts how long it stays.
  vi.advanceTimersByTime(STUCK_MS - 1);
  supervisor.kill();
  expect(signals).toEqual(['SIGTERM', 'SIGKILL', 'SIGKILL']);
  vi.advanceTimersByTime(1);
  expect(supervisor.state).toMatchObject({ is: 'gone', end: { by: 'stuck' } });
});

test('a second reason to stop changes nothing', () => {
  const { supervisor, signals } = supervised();
  supervisor.stop({ by: 'page-timeout' });
  supervisor.stop(FINISH);
  supervisor.stopAfter(10, FINISH);
  vi.advanceTimersByTime(1000);
  expect(supervisor.stopReason).toEqual({ by: 'page-timeout' });
  expect(signals).toEqual(['SIGTERM']);
});

test.each(['exited', 'gone', 'stuck'])(
  'no signal goes to the number of a worker that is %s, however late it comes',
  async (how) => {
    const { supervisor, signals, exit, end } = supervised({ pageTimeoutMs: 1000, startTimeoutMs: 1000 });
    supervisor.watchTime();
    supervisor.stopAfter(500, FINISH);
    if (how === 'exited') await exit();
    if (how === 'gone') await end();
    if (how === 'stuck') {
      supervisor.kill();
      vi.advanceTimersByTime(STUCK_MS);
    }
    const { state } = supervisor;
    expect(state.is).toBe(how === 'exited' ? 'exited' : 'gone');
    signals.splice(0);
    expect(supervisor.drain()).toBe(false);
    supervisor.stop(FINISH);
    supervisor.kill();
    supervisor.kill();
    supervisor.stopAfter(10, FINISH);
    supervisor.watchTime();
    supervisor.expect('page');
    suspend(HOUR_MS);
    supervisor.checkTime(HOUR_MS);
    expect(vi.getTimerCount()).toBe(0);
    await vi.advanceTimersByTimeAsync(HOUR_MS);
    expect(signals).toEqual([]);
    expect(supervisor.state).toBe(state);
  },
);

test('a worker that was told to end while its output is read was stopped all the same', async () => {
  const { supervisor, exit } = supervised();
  supervisor.stop(FINISH);
  await exit();
  expect(supervisor.stopReason).toEqual(FINISH);
  supervisor.kill();
  expect(supervisor.stopReason).toEqual(FINISH);
});

test('a draining worker ends by itself', async () => {
  const { supervisor, signals, end } = supervised();
  expect(supervisor.drain()).toBe(true);
  expect(supervisor.drain()).toBe(false);
  expect(supervisor.state).toEqual({ is: 'draining' });
  await end();
  expect(supervisor.state).toMatchObject({ is: 'gone', before: { is: 'draining' } });
  expect(supervisor.stopReason).toBeUndefined();
  expect(signals).toEqual([]);
});

test('a draining worker may be stopped, killed, or take too long', () => {
  const stopped = supervised();
  stopped.supervisor.drain();
  stopped.supervisor.stop(FINISH);
  expect(stopped.supervisor.drain()).toBe(false);
  expect(stopped.signals).toEqual(['SIGTERM']);

  const killed = supervised();
  killed.supervisor.drain();
  killed.supervisor.kill();
  expect(killed.signals).toEqual(['SIGKILL']);

  const late = supervised({ pageTimeoutMs: 1000 });
  late.supervisor.watchTime();
  late.supervisor.expect('page');
  late.supervisor.drain();
  vi.advanceTimersByTime(1200);
  expect(late.supervisor.stopReason).toEqual({ by: 'page-timeout' });
});

test('a worker has a time to end by itself, which may start anew', () => {
  const { supervisor, signals } = supervised();
  supervisor.drain();
  supervisor.stopAfter(1000, FINISH);
  vi.advanceTimersByTime(900);
  supervisor.stopAfter(3000, FINISH);
  vi.advanceTimersByTime(2999);
  expect(signals).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(supervisor.stopReason).toEqual(FINISH);
  expect(signals).toEqual(['SIGTERM']);
});

test('a worker has one time to start and another for each page, and none while nothing is expected of it', () => {
  const { supervisor } = supervised({ startTimeoutMs: 60_000, pageTimeoutMs: 10_000 });
  supervisor.watchTime();
  vi.advanceTimersByTime(59_000);
  supervisor.expect('nothing');
  vi.advanceTimersByTime(HOUR_MS);
  supervisor.expect('page');
  vi.advanceTimersByTime(9000);
  supervisor.expect('page');
  vi.advanceTimersByTime(9000);
  expect(supervisor.state).toEqual({ is: 'running' });
  vi.advanceTimersByTime(2000);
  expect(supervisor.stopReason).toEqual({ by: 'page-timeout' });
});

test('a worker that gives no sign is stopped, and killed if it stays; what came before its start is not its time', async () => {
  let start = (): void => {};
  const started = new Promise<void>((resolve) => {
    start = resolve;
  });
  const { supervisor, signals } = supervised({ startTimeoutMs: 60_000 }, started);
  supervisor.watchTime();
  vi.advanceTimersByTime(HOUR_MS);
  start();
  await started;
  vi.advanceTimersByTime(60_000);
  expect(signals).toEqual([]);
  vi.advanceTimersByTime(1000);
  expect(supervisor.stopReason).toEqual({ by: 'start-timeout' });
  vi.advanceTimersByTime(GRACE_MS);
  expect(signals).toEqual(['SIGTERM', 'SIGKILL']);
});

test('0 is no limit', () => {
  const { supervisor } = supervised();
  supervisor.watchTime();
  expect(vi.getTimerCount()).toBe(0);
  supervisor.expect('page');
  for (let hour = 0; hour < 10; hour += 1) {
    suspend(HOUR_MS);
    supervisor.checkTime(HOUR_MS);
  }
  expect(supervisor.state).toEqual({ is: 'running' });
});

test('time that the machine was suspended counts against no worker', () => {
  const { supervisor } = supervised({ pageTimeoutMs: 10_000 });
  supervisor.watchTime();
  supervisor.expect('page');
  vi.advanceTimersByTime(4000);
  suspend(HOUR_MS);
  vi.advanceTimersByTime(3000);
  expect(supervisor.state).toEqual({ is: 'running' });
  // A clock that is set back gives nobody more time.
  suspend(-HOUR_MS);
  vi.advanceTimersByTime(5000);
  expect(supervisor.stopReason).toEqual({ by: 'page-timeout' });
});

test('time before a page began is none of its own, not even what no check has counted', () => {
  const { supervisor } = supervised({ pageTimeoutMs: 1000 });
  supervisor.expect('page');
  suspend(900);
  supervisor.expect('page');
  suspend(900);
  supervisor.checkTime();
  expect(supervisor.state).toEqual({ is: 'running' });
  suspend(200);
  supervisor.checkTime();
  expect(supervisor.stopReason).toEqual({ by: 'page-timeout' });
});
