import { execFile } from 'node:child_process';
import { readFile, stat, utimes } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { eventually, gone, snapshot } from './process.ts';
import { type Launcher, Place, type StartSetup } from './rig.ts';

const run = promisify(execFile);
const FROM_INPUT = ['run', '--files-from', '-', '-o', 'out', '--json'];

/** A place whose nvidia-smi tells that it was asked; one that hangs does so in a child of its own. */
async function placeThatTells({ hangs = false } = {}): Promise<Place> {
  const place = await Place.make();
  const answer = hangs ? 'sleep 1000' : 'echo "0, GPU-0, Fake, 16384, 16000, 0, [N/A]"';
  await place.write('bin/nvidia-smi', `#!/bin/sh\necho $$ > asked\n${answer}\n`);
  return place;
}

/** The process of nvidia-smi, once it has been asked: by then the launcher listens for signals. */
const askedIn = (place: Place): Promise<number> =>
  eventually(async () => {
    const pid = Number(await readFile(place.path('asked'), 'utf8'));
    if (!(pid > 0)) throw new Error('nvidia-smi was not asked');
    return pid;
  });

/** The place as it stands, but for what the tool told. */
const standing = async (place: Place): Promise<string[]> =>
  (await snapshot(place.root)).filter((line) => !line.startsWith('asked '));

/** Starts it, sends the signal where it waits, and looks that nothing was left behind. */
async function endedBy(
  signal: NodeJS.Signals,
  place: Place,
  { waits, ...setup }: StartSetup & { readonly waits: (launcher: Launcher) => Promise<unknown> },
): Promise<{ exit: number | string; launcher: Launcher }> {
  const before = await standing(place);
  const launcher = place.start(setup);
  await waits(launcher);
  launcher.kill(signal);
  const exit = await launcher.exit;
  expect(await standing(place)).toEqual(before);
  expect(launcher.stderr).toBe('');
  return { exit, launcher };
}

test.each<[NodeJS.Signals, number]>([
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGUSR1', 138],
  ['SIGUSR2', 140],
  ['SIGXCPU', 152],
])('%s while the list of inputs is waited for', async (signal, code) => {
  const place = await placeThatTells();
  const setup = { argv: FROM_INPUT, waitsForInput: true, waits: () => askedIn(place) };
  const { exit, launcher } = await endedBy(signal, place, setup);
  expect(exit).toBe(code);
  expect(launcher.events).toMatchObject([{ type: 'run-finished', exitCode: code }]);
});

test('a list that never comes, from a pipe that nobody opens', async () => {
  const place = await placeThatTells();
  await run('mkfifo', [place.path('list')]);
  const argv = ['run', '--files-from', 'list', '-o', 'out', '--json'];
  const { exit } = await endedBy('SIGINT', place, { argv, waits: () => askedIn(place) });
  // A shell says 130 of both.
  expect([130, 'SIGINT']).toContain(exit);
});

test('a lock that another launcher seems to be taking', async () => {
  const place = await Place.make();
  const gate = place.path('input-translated/.mgpu/lock-gate');
  await place.write('input-translated/.mgpu/lock-gate', 'x');
  const tomorrow = Date.now() / 1000 + 86_400;
  await utimes(gate, tomorrow, tomorrow);
  const folder = path.dirname(gate);
  const before = (await stat(folder)).ctimeMs;
  const launcher = place.start();
  // It tries again and again.
  await eventually(async () => expect((await stat(folder)).ctimeMs).toBeGreaterThan(before));
  launcher.kill('SIGINT');
  expect(await launcher.exit).toBe(130);
  expect(await snapshot(folder)).toEqual([expect.stringMatching(/^lock-gate 1 /)]);
});

test('a tool that does not answer ends with the run', async () => {
  const place = await placeThatTells({ hangs: true });
  const { exit } = await endedBy('SIGINT', place, { waits: () => askedIn(place) });
  expect(exit).toBe(130);
  await gone(await askedIn(place));
});

test.each<[NodeJS.Signals, string[]]>([
  ['SIGUSR1', ['gpus']],
  ['SIGINT', ['plan', 'input']],
  ['SIGHUP', ['plan', 'input']],
  ['SIGTERM', ['doctor', 'input']],
])('%s ends %j as if nobody listened, and its tools', async (signal, argv) => {
  const place = await placeThatTells({ hangs: true });
  const { exit } = await endedBy(signal, place, { argv, waits: () => askedIn(place) });
  expect(exit).toBe(signal);
  await gone(await askedIn(place));
});

/** Settles as soon as the process catches the signal of this number. */
const catches = (launcher: Launcher, signal: number): Promise<void> => {
  const look = async (): Promise<void> => {
    const status = await readFile(`/proc/${launcher.pid}/status`, 'utf8');
    const caught = BigInt(`0x${/^SigCgt:\s*(\w+)$/m.exec(status)?.[1]}`);
    if ((caught & (1n << BigInt(signal - 1))) === 0n) await look();
  };
  return look();
};
const [SIGHUP, SIGUSR1] = [1, 10];

test('SIGUSR1 never opens the debugger from the first line on', async () => {
  const place = await placeThatTells({ hangs: true });
  for (const argv of [['run', 'input'], ['gpus'], ['doctor']]) {
    const launcher = place.start({ argv });
    // Node itself catches no hangup: the launcher listens.
    await catches(launcher, SIGHUP);
    launcher.kill('SIGUSR1');
    // A run that has taken the signal over tells of it by its exit code.
    expect(['SIGUSR1', 138]).toContain(await launcher.exit);
    expect(launcher.stderr).toBe('');
  }
});

test('SIGUSR1 while Node starts ends the launcher: no debugger stays open', async () => {
  const place = await Place.make();
  const launcher = place.start({ plan: { '1.png': 'ask' } });
  await catches(launcher, SIGUSR1);
  launcher.kill('SIGUSR1');
  expect(await launcher.exit).toBe('SIGUSR1');
  expect(launcher.events).toEqual([]);
});
