import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';

const CHUNK_BYTES = 1024 * 1024;
/** A pipe that has taken a file's place must not hold the run up. */
const HOW_TO_READ = constants.O_RDONLY | constants.O_NONBLOCK;

/** A file that was to be copied can't be read: the trouble of that file alone, whatever the disk of its copy is like. */
export class UnreadableSource extends Error {
  override readonly name = 'UnreadableSource';
  /** As the file system has it, EISDIR for what is no file. */
  readonly code: string | undefined;

  constructor({ message, code }: { readonly message: string; readonly code?: string | undefined }) {
    super(message);
    this.code = code;
  }
}

/**
 * Copies a regular file, or the one that a link leads to, into a new file with its permissions.
 * @throws UnreadableSource where the source is at fault, else what the target's file system throws
 */
export async function copyToNew(from: string, to: string): Promise<void> {
  const source = await reading(() => open(from, HOW_TO_READ));
  try {
    const stats = await reading(() => source.stat());
    if (!stats.isFile()) throw new UnreadableSource({ message: `${from} is not a file`, code: 'EISDIR' });
    const target = await open(to, 'wx', stats.mode & 0o777);
    try {
      await copyContent(source, target, stats.size);
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}

async function copyContent(source: FileHandle, target: FileHandle, bytes: number): Promise<void> {
  const chunk = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, bytes + 1));
  for (;;) {
    const { bytesRead } = await reading(() => source.read(chunk, 0, chunk.length, null));
    if (bytesRead === 0) return;
    await target.writeFile(chunk.subarray(0, bytesRead));
  }
}

async function reading<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw new UnreadableSource(error as NodeJS.ErrnoException);
  }
}
