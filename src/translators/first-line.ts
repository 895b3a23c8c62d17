import { access } from 'node:fs/promises';
import path from 'node:path';
import { findProgram } from '../model/find-program.ts';
import { cannotRun } from '../model/refusal.ts';
import { shellQuote } from '../model/shell-quote.ts';
import { openRegular } from '../pages/open-regular.ts';

/** What a kernel reads of a script to find its interpreter. */
const FIRST_LINE_BYTES = 256;

/**
 * Looks at the first line of a script that is started as a program.
 * @throws Refusal (3) where the interpreter that it asks for is not there: the system would say that the script is not
 */
export async function assertInterpreter(
  option: string,
  file: string,
  { env, cwd }: { readonly env: NodeJS.ProcessEnv; readonly cwd: string },
): Promise<void> {
  const line = await firstLine(file);
  if (!line?.startsWith('#!')) return;
  const [first = '', ...words] = line
    .slice(2)
    .trim()
    .split(/[ \t]+/);
  // `env` looks its program up; with options of its own it is not for us to read.
  const asked = path.basename(first) === 'env' && words.length === 1 ? (words[0] ?? '') : first;
  const name = path.basename(file);
  if (line.endsWith('\r')) {
    throw cannotRun(
      `${option}: ${name} has Windows line endings: its first line asks for ${asked}\\r`,
      `sed -i 's/\\r$//' ${shellQuote([file])}`,
    );
  }
  const isThere = asked.startsWith('/')
    ? await access(asked).then(
        () => true,
        () => false,
      )
    : (await findProgram(asked, env, cwd)) !== undefined;
  if (!isThere) {
    throw cannotRun(
      `${option}: the first line of ${name} asks for ${asked}, which does not exist`,
      `install it, or fix that line in ${file}`,
    );
  }
}

/** Undefined where it can't be read: the system will say why it can't be started. */
async function firstLine(file: string): Promise<string | undefined> {
  const opened = await openRegular(file, { followLinks: true }).catch(() => undefined);
  if (opened === undefined) return undefined;
  try {
    const { buffer, bytesRead } = await opened.read(Buffer.alloc(FIRST_LINE_BYTES));
    return buffer.toString('utf8', 0, bytesRead).split('\n')[0];
  } catch {
    return undefined;
  } finally {
    await opened.close();
  }
}
