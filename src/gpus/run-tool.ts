import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { tooManyOpenFiles } from '../open-files.ts';
import { startProgram } from '../start-program.ts';

/** How a call of a vendor's tool ended. */
export type ToolEnd =
  | { readonly by: 'exit'; readonly code: number | null; readonly stdout: string; readonly stderr: string }
  | { readonly by: 'missing' }
  | { readonly by: 'timeout' };

/** What a tool is called with. */
export interface ToolCall {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly timeoutMs: number;
  /** Missing: the launcher's own folder. */
  readonly cwd?: string | undefined;
  /** Ends the call early. */
  readonly signal?: AbortSignal | undefined;
}

/** Calls a vendor's tool. Rejects only with a Refusal (3), where no more files can be opened. */
export type RunTool = (call: ToolCall) => Promise<ToolEnd>;

const MAX_OUTPUT_CHARACTERS = 4_000_000;

/** Calls a tool without a shell. Settles within `timeoutMs` also where the tool can't be killed (a driver that hangs). */
export const runTool: RunTool = async ({ command, args, env, timeoutMs, cwd, signal }) => {
  // A group of its own: a tool that is a wrapper script may have a child that keeps the pipes open.
  const started = startProgram(command, args, {
    env,
    ...(cwd !== undefined && { cwd }),
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  if (!started.child) return neverStarted(await started.failure);
  const { child } = started;
  const killGroup = () => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    } catch {
      // It is gone already.
    }
  };
  process.once('exit', killGroup);
  let cut: (() => void) | undefined;
  const outOfTime = new Promise<ToolEnd>((resolve) => {
    cut = () => {
      killGroup();
      child.stdout?.destroy();
      child.stderr?.destroy();
      child.unref();
      resolve({ by: 'timeout' });
    };
  });
  const timer = setTimeout(() => cut?.(), timeoutMs);
  const onAbort = () => cut?.();
  if (signal?.aborted) onAbort();
  signal?.addEventListener('abort', onAbort, { once: true });
  const stdout = collect(child.stdout, killGroup);
  const stderr = collect(child.stderr, killGroup);
  const ended = new Promise<ToolEnd>((resolve) => {
    child.once('close', (code) => resolve({ by: 'exit', code, stdout: stdout(), stderr: stderr() }));
  });
  try {
    return await Promise.race([outOfTime, ended]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
    process.removeListener('exit', killGroup);
  }
};

function neverStarted(error: NodeJS.ErrnoException): ToolEnd {
  if (error.code === 'ENOENT' || error.code === 'EACCES') return { by: 'missing' };
  const refusal = tooManyOpenFiles(error);
  if (refusal) throw refusal;
  return { by: 'exit', code: null, stdout: '', stderr: error.message };
}

/** What a stream says, without its last line end; one that never stops is ended. */
function collect(stream: Readable | null, end: () => void): () => string {
  const decoder = new StringDecoder('utf8');
  let said = '';
  stream?.on('data', (chunk: Buffer) => {
    if (said.length < MAX_OUTPUT_CHARACTERS) said += decoder.write(chunk);
    else end();
  });
  return () => (said + decoder.end()).replace(/\r?\n$/, '');
}
