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
  return splitNames(textOf(Buffer.concat(chunks), filesFrom), nulSeparated);
}

/** UTF-16 with its mark in front, as Windows writes it, else UTF-8. */
function textOf(list: Buffer, filesFrom: string): string {
  const mark = list.length < 2 ? 0 : list.readUInt16BE(0);
  const encoding = mark === 0xfffe ? 'utf-16le' : mark === 0xfeff ? 'utf-16be' : 'utf-8';
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(list);
  } catch {
    throw usageError(
      `--files-from ${filesFrom}: not valid ${encoding.toUpperCase()}`,
      'convert it, from Shift-JIS for example: iconv -f shift_jis -t utf-8 LIST > LIST.utf8',
    );
  }
}

/** A list's names. Between newlines a `\r` at the end belongs to Windows, not to the name. */
function splitNames(list: string, nulSeparated: boolean): string[] {
  if (nulSeparated) return list.split('\0').filter((name) => name !== '');
  if (list.includes('\0'))
    throw usageError(
      '--files-from: the list contains NUL bytes',
      'add -0; or, if it is UTF-16: iconv -f utf-16le -t utf-8 LIST > LIST.utf8',
    );
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
