import { isUtf8 } from 'node:buffer';

/**
 * A path as the file system has it: text where it is UTF-8, otherwise its bytes. Names on Linux are bytes; archives made
 * on an old Japanese Windows hold Shift-JIS.
 */
export type RawPath = string | Buffer;

/** What `readdir` replaces bad bytes with. A name may hold it rightfully too: then its bytes are UTF-8. */
export const REPLACEMENT = '\ufffd';

/** `folder/name`; bytes as soon as one of them is bytes. */
export function joinRaw(folder: RawPath, name: RawPath): RawPath {
  if (typeof folder === 'string' && typeof name === 'string') {
    return folder.endsWith('/') ? folder + name : `${folder}/${name}`;
  }
  return Buffer.concat([Buffer.from(folder), Buffer.from('/'), Buffer.from(name)]);
}

/** Text where the bytes are UTF-8, the bytes themselves where not. */
export const rawOf = (bytes: Buffer): RawPath => (isUtf8(bytes) ? bytes.toString('utf8') : bytes);

/** The path's bytes, one a character: equal for equal paths only, and fit for comparing beginnings. */
export const keyOf = (path: RawPath): string => Buffer.from(path).toString('latin1');

/** How a name stands in ids and messages: each byte that is no UTF-8 as `\xNN`, the rest as it is. */
export function writtenName(name: RawPath): string {
  if (typeof name === 'string') return name;
  let text = '';
  for (let at = 0; at < name.length; ) {
    const length = characterLength(name, at);
    text += length === 0 ? `\\x${name.toString('hex', at, at + 1)}` : name.toString('utf8', at, at + length);
    at += length || 1;
  }
  return text;
}

/** Bytes of the UTF-8 character at `at`; 0 where none begins there. */
function characterLength(bytes: Buffer, at: number): number {
  for (let length = 1; length <= 4 && at + length <= bytes.length; length++) {
    if (isUtf8(bytes.subarray(at, at + length))) return length;
  }
  return 0;
}
