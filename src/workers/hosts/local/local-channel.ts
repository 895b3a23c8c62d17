import { execa } from 'execa';
import { noFilesForStart } from '../../../model/open-files.ts';
import type { Refusal } from '../../../model/refusal.ts';
import type { WorkerEnd } from '../../worker-end.ts';
import type { ChannelEars, WorkerChannel, WorkerLaunch } from '../host.ts';
import type { Guard } from './guard.ts';
import { processMemory } from './process-memory.ts';
import { signalGroup } from './signal-group.ts';

/** How long a grandchild that left the group may keep the output pipes open after its parent's end. */
const STRAGGLER_MS = 2000;

/**
 * Starts a worker in a process group of its own, which the guard watches and which is ended with the worker. No shell;
 * `env` is its whole environment, but for what the command sets over it.
 */
export function startLocally(
  { command, env, takesLines }: WorkerLaunch,
  guard: Pick<Guard, 'start' | 'forget'>,
): WorkerChannel {
  const noFiles = noFilesForStart();
  if (noFiles) return neverThere(noFiles);
  const child = guard.start((marks) =>
    execa(command.file, [...command.args], {
      cwd: command.cwd,
      env: { ...env, ...command.env, ...marks },
      extendEnv: false,
      stdin: takesLines ? 'pipe' : 'ignore',
      stdout: 'pipe',
      stderr: 'pipe',
      buffer: false,
      reject: false,
      detached: true,
      cleanup: false,
      stripFinalNewline: false,
    }),
  );
  const { pid, stdin, stdout, stderr } = child;
  stdin?.on('error', () => {});

  const exited = new Promise<void>((resolve) => {
    // Not every start that fails tells so by an event.
    if (pid === undefined) resolve();
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  void exited.then(() => {
    if (pid === undefined) return;
    signalGroup(pid, 'SIGKILL');
    guard.forget(pid);
    setTimeout(() => {
      stdout.destroy();
      stderr.destroy();
    }, STRAGGLER_MS).unref();
  });

  const ended = child.then((result): WorkerEnd => {
    if (pid === undefined)
      return { by: 'no-start', message: result.originalMessage ?? 'it could not be started' };
    if (result.signal !== undefined) return { by: 'signal', signal: result.signal as NodeJS.Signals };
    return { by: 'exit', code: result.exitCode ?? child.exitCode ?? 0 };
  });
  return {
    id: pid,
    started: Promise.resolve(),
    exited,
    ended,
    hear: (ears) => {
      listen(stdout, 'stdout', ears);
      listen(stderr, 'stderr', ears);
      stdin?.on('error', () => ears.closed('stdin'));
    },
    // Never more than two pages wait in the pipe, so that what it takes in at once doesn't matter.
    send: (line) => void stdin?.write(line),
    bring: () => {},
    closeInput: () => void stdin?.end(),
    signal: (signal) => {
      if (pid !== undefined) signalGroup(pid, signal);
    },
    memory: async () => (pid === undefined ? undefined : processMemory(pid)),
    deviceMemory: async () => undefined,
  };
}

/** All was told when the worker's end settles. */
function listen(stream: NodeJS.ReadableStream, pipe: 'stdout' | 'stderr', ears: ChannelEars): void {
  let isClosed = false;
  const close = (): void => {
    if (!isClosed) ears.closed(pipe);
    isClosed = true;
  };
  stream.on('data', (chunk: Buffer) => ears.said(pipe, chunk));
  stream.on('end', close);
  // Of one that a grandchild keeps open there is no end.
  stream.on('close', close);
  stream.on('error', () => {});
}

const neverThere = (refusal: Refusal): WorkerChannel => ({
  id: undefined,
  started: Promise.resolve(),
  exited: Promise.resolve(),
  ended: Promise.resolve({ by: 'no-start', message: refusal.message, refusal }),
  hear: () => {},
  send: () => {},
  bring: () => {},
  closeInput: () => {},
  signal: () => {},
  memory: async () => undefined,
  deviceMemory: async () => undefined,
});
