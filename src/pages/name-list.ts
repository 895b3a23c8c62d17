import { createReadStream } from 'node:fs';
import path from 'node:path';
import { addAbortSignal, Readable } from 'node:stream';
import { errorCode, errorMessage } from '../model/error-code.ts';
import { tooManyOpenFiles } from '../model/open-files.ts';
import { usageError } from '../model/refusal.ts';

/** Where a list of names comes from, see `RunOptions`. */
export interface NameListSource {
  /** `-`: standard input. */
  readonly filesFrom: string;
  readonly nulSeparated: boolean;
  readonly cwd: string;
  readonly stdin: AsyncIterable<Uint8Array | string>;
  /** Aborted when the list need not be read to its end any more. */
  readonly stop?: AbortSignal | undefined;
}

/** The names in a list, a line each (or NUL between them); blank lines are no names. */
export async function readNameList({
  filesFrom,
  nulSeparated,
  cwd,
  stdin,
  stop,
}: NameListSource): Promise<string[]> {
  const stream = filesFrom === '-' ? stdin : createReadStream(path.resolve(cwd, filesFrom));
  // Standard input that is waited for would keep the process from its end.
  if (stop && stream instanceof Readable) addAbortSignal(stop, stream);
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of stream) chunks.push(Buffer.from(chunk));
  } catch (error) {
    throw (
      tooManyOpenFiles(error) ?? usageError(`--files-from ${filesFrom}: can't be read: ${reasonOf(error)}`)
    );
  }
  return splitNames(Buffer.concat(chunks).toString('utf8'), nulSeparated);
}

/** A list's names. Between newlines a `\r` at the end belongs to Windows, not to the name. */
function splitNames(text: string, nulSeparated: boolean): string[] {
  const list = text.startsWith('\ufeff') ? text.slice(1) : text;
  if (nulSeparated) return list.split('\0').filter((name) => name !== '');
  if (list.includes('\0')) throw usageError('--files-from: NUL bytes stand in the list', 'add -0');
  return list
    .split('\n')
    .map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line))
    .filter((line) => line.trim() !== '');
}

function reasonOf(error: unknown): string {
  const code = errorCode(error);
  if (code === 'ENOENT') return 'no such file';
  if (code === 'EISDIR') return 'it is a folder';
  if (code === 'EACCES') return 'permission denied';
  return errorMessage(error);
}
