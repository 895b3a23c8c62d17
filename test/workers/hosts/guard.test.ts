import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { onTestFinished, test } from 'vitest';
import { Guard } from '../../../src/workers/hosts/local/guard.ts';

const startSleep = (env: Record<string, string>): ChildProcess => {
  const child = spawn('/bin/sleep', ['60'], { detached: true, stdio: 'ignore', env });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
};
const guardAtWork = async (): Promise<Guard> => {
  const guard = new Guard();
  await guard.assertStarted();
  return guard;
};

test('ends the workers that it watches once the launcher is gone, and those only', async ({ expect }) => {
  const guard = await guardAtWork();
  const [watched, forgotten] = [guard.start(startSleep), guard.start(startSleep)];
  guard.forget(forgotten.pid ?? 0);
  const ended = once(watched, 'exit');
  guard.close();
  expect(await ended).toEqual([null, 'SIGKILL']);
  expect(forgotten.exitCode ?? forgotten.signalCode).toBeNull();
});

test('ends a worker whose launcher was killed before it could tell its number', async ({ expect }) => {
  const guard = await guardAtWork();
  const other = startSleep({ MGPU_WORKER_OF: 'another guard' });
  const started: ChildProcess[] = [];
  const start = (): ChildProcess =>
    guard.start((marks) => {
      started.push(startSleep(marks));
      throw new Error('the launcher is killed here');
    });
  expect(start).toThrow('killed here');
  const [worker] = started;
  if (!worker) throw new Error('no worker was started');
  const ended = once(worker, 'exit');
  guard.close();
  expect(await ended).toEqual([null, 'SIGKILL']);
  expect(other.exitCode ?? other.signalCode).toBeNull();
});
