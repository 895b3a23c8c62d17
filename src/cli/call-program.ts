import { type ChildProcess, spawn } from 'node:child_process';
import { errorMessage } from '../model/error-code.ts';
import { findProgram } from '../model/find-program.ts';

/** What a program is called with. */
interface ProgramCall {
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  /** What it can read from its standard input. */
  readonly input: string;
  /** Descriptor of the file that everything it writes goes to. */
  readonly output: number;
  readonly timeoutMs: number;
}

/**
 * Calls a program without a shell, in a group of its own, and waits for its end. Once its time is over, or this process exits, it
 * is killed with all processes of that group. Never rejects: gives undefined where it went well, else why not, in words.
 */
export async function callProgram(
  [name = '', ...args]: readonly string[],
  { env, cwd, input, output, timeoutMs }: ProgramCall,
): Promise<string | undefined> {
  const file = await findProgram(name, env, cwd);
  if (file === undefined) return `there is no program ${name}`;
  let child: ChildProcess;
  try {
    child = spawn(file, args, { cwd, env, detached: true, stdio: ['pipe', output, output] });
  } catch (error) {
    return notStarted(error);
  }
  const { pid, stdin } = child;
  const killGroup = (): void => {
    try {
      if (pid !== undefined) process.kill(-pid, 'SIGKILL');
    } catch {
      // It is gone already.
    }
  };
  process.once('exit', killGroup);
  // It need not read its input.
  stdin?.on('error', () => {});
  stdin?.end(input);
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<string | undefined>((resolve) => {
      child.once('error', (error) => resolve(notStarted(error)));
      child.once('exit', (code, signal) => resolve(wordEnd(name, code, signal)));
      timer = setTimeout(() => {
        killGroup();
        child.unref();
        resolve(`${name} took longer than ${timeoutMs / 1000} s and was ended`);
      }, timeoutMs);
    });
  } finally {
    clearTimeout(timer);
    stdin?.destroy();
    process.off('exit', killGroup);
  }
}

const notStarted = (error: unknown): string => `it could not be started: ${errorMessage(error)}`;

function wordEnd(name: string, code: number | null, signal: string | null): string | undefined {
  if (code === 0) return undefined;
  return `${name} ended with ${code === null ? signal : `exit code ${code}`}`;
}
