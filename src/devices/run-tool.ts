import { execa } from 'execa';
import { findProgram } from '../model/find-program.ts';
import { assertFilesForStart } from '../model/open-files.ts';

/** How a call of a vendor's tool ended. */
export type ToolEnd =
  | { readonly by: 'exit'; readonly code: number | null; readonly stdout: string; readonly stderr: string }
  | { readonly by: 'missing' }
  | { readonly by: 'timeout' };

/** How a tool ended, in words. */
export const exitInWords = (code: number | null): string =>
  code === null ? 'ended by a signal' : `exit code ${code}`;

/** What a tool is called with. */
interface ToolCall {
  /** A name on PATH, or a path. */
  readonly command: string;
  readonly args: readonly string[];
  /** Absolute folders in which a name is looked for after PATH. */
  readonly alsoIn?: readonly string[] | undefined;
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
export const runTool: RunTool = async ({ command, args, alsoIn, env, timeoutMs, cwd, signal }) => {
  const file = await findProgram(command, env, cwd ?? process.cwd(), alsoIn);
  if (file === undefined) return { by: 'missing' };
  assertFilesForStart();
  // A group of its own: a tool that is a wrapper script may have a child that keeps the pipes open.
  const child = execa(file, args, {
    env,
    extendEnv: false,
    ...(cwd !== undefined && { cwd }),
    stdin: 'ignore',
    reject: false,
    detached: true,
    cleanup: false,
    maxBuffer: MAX_OUTPUT_CHARACTERS,
  });
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
  try {
    return await Promise.race([
      outOfTime,
      child.then((result): ToolEnd => {
        if (result.code === 'ENOENT' || result.code === 'EACCES') return { by: 'missing' };
        return { by: 'exit', code: result.exitCode ?? null, stdout: result.stdout, stderr: result.stderr };
      }),
    ]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
    process.removeListener('exit', killGroup);
  }
};
