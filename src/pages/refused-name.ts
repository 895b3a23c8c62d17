import path from 'node:path';
import { errorCode } from '../model/error-code.ts';

/** The disk takes no file or folder of this name, or no path of this length: others can be put there. */
export class RefusedName extends Error {
  override readonly name = 'RefusedName';
  readonly code: string;
  /** What can't be there. */
  readonly path: string;

  constructor(file: string, code: string) {
    super(`${path.dirname(file)}: ${wordsFor(file)}`);
    this.code = code;
    this.path = file;
  }
}

/** What disks say of a name that they refuse, in a folder that is there. */
const OF_A_NAME = new Set(['EINVAL', 'EILSEQ', 'ENAMETOOLONG']);

/** The error that `file` can't be made under this name; undefined for an error that says something else. */
export const refusedName = (error: unknown, file: string): RefusedName | undefined => {
  if (error instanceof RefusedName) return error;
  const code = errorCode(error) ?? '';
  return OF_A_NAME.has(code) ? new RefusedName(file, code) : undefined;
};

/** Linux takes no longer ones. */
const LONGEST_PATH_BYTES = 4095;
/** Names that some disk takes and another one does not are longer. eCryptfs takes 143 bytes, most others 255. */
const LONG_NAME_BYTES = 128;
/** No disk of Windows takes these in a name: NTFS, exFAT, FAT, and network disks that such a machine shares. */
const WINDOWS_REFUSES = /[<>:"\\|?*]/;
const CONTROL = /\p{Cc}/u;
const DEVICE = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i;

/** Any of the above in a path, and names that end with a dot or a space. */
const ODD = /[<>:"\\|?*\p{Cc}]|[. ](?:\/|$)|(?:^|\/)(?:con|prn|aux|nul|com\d|lpt\d)(?:[./]|$)/iu;

/** True for a relative path with a name that some disk refuses, though others can be written there. Costs a microsecond. */
export const isOddPath = (file: string): boolean =>
  ODD.test(file) || (file.length > LONG_NAME_BYTES / 3 && file.split('/').some(isLong));

const isLong = (name: string): boolean => Buffer.byteLength(name) > LONG_NAME_BYTES;

/** What the disk does not take, as it would stand after "the disk". */
function wordsFor(file: string): string {
  const pathBytes = Buffer.byteLength(file);
  if (pathBytes > LONGEST_PATH_BYTES) return `a path of ${pathBytes} bytes is too long`;
  const name = path.basename(file);
  return `the disk takes ${whatIsRefused(name)} (${name})`;
}

/** What a disk that refuses this name does not take: `no "?" in names`. */
export function whatIsRefused(name: string): string {
  const [letter] = WINDOWS_REFUSES.exec(name) ?? [];
  if (letter !== undefined) return `no ${letter} in names`;
  if (CONTROL.test(name)) return 'no control characters in names';
  if (name.endsWith('.')) return 'no names that end with a dot';
  if (name.endsWith(' ')) return 'no names that end with a space';
  if (DEVICE.test(name)) return `no file or folder called ${path.parse(name).name}`;
  const bytes = Buffer.byteLength(name);
  if (isLong(name)) return `no names of ${bytes} bytes`;
  return 'no such name';
}
