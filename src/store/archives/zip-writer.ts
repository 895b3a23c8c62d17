import { constants, fsyncSync, writeSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { ZipFile } from 'yazl';
import { openRegular } from '../../pages/open-regular.ts';

const ANEW = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC;

/** What the types of yazl don't say: a comment may be bytes, whose encoding nobody knows. */
interface EndsWithBytes {
  end(options?: { readonly comment: string | Buffer; readonly forceZip64Format: boolean }): void;
}

/**
 * Writes a zip archive entry by entry, without compression. One entry at a time is in memory. Blocking: for threads.
 * Each method throws what the file system throws.
 */
export class ZipWriter {
  readonly #zip = new ZipFile();
  readonly #file: FileHandle;
  readonly #sink: FileSink;
  /** Contents go through it one after the other: yazl holds on to each that it is given. */
  #pool = Buffer.alloc(0);

  private constructor(file: FileHandle) {
    this.#file = file;
    this.#sink = new FileSink(file.fd);
    this.#zip.outputStream.pipe(this.#sink);
  }

  /** What stands at the path is written over. */
  static async open(path: string): Promise<ZipWriter> {
    return new ZipWriter(await openRegular(path, { flags: ANEW }));
  }

  async addFolder(name: string, mtime: Date): Promise<void> {
    this.#zip.addEmptyDirectory(name, { mtime });
    await this.#drained();
  }

  async addFile(name: string, content: Buffer, mtime: Date): Promise<void> {
    if (this.#pool.length < content.length) this.#pool = Buffer.allocUnsafeSlow(content.length);
    content.copy(this.#pool);
    const bytes = this.#pool.subarray(0, content.length);
    this.#zip.addBuffer(bytes, name, { mtime, mode: 0o100644, compress: false });
    await this.#drained();
  }

  /** Settles once all of it is on the disk. Answers with its size in bytes. */
  async end(comment: Buffer): Promise<number> {
    const zip: EndsWithBytes = this.#zip;
    zip.end({ comment, forceZip64Format: false });
    await finished(this.#sink);
    fsyncSync(this.#file.fd);
    return this.#sink.bytes;
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  async #drained(): Promise<void> {
    const stream = this.#zip.outputStream as NodeJS.ReadableStream & Pick<Writable, 'writableLength'> & Sized;
    do {
      await nextTurn();
      if (this.#sink.trouble) throw this.#sink.trouble;
    } while (stream.readableLength + stream.writableLength > 0);
  }
}

/** Of a stream: what it holds. */
interface Sized {
  readonly readableLength: number;
}

/** Writes to an open file with blocking calls. */
class FileSink extends Writable {
  readonly #fd: number;
  bytes = 0;
  trouble: Error | undefined;

  constructor(fd: number) {
    super();
    this.#fd = fd;
    this.on('error', (error) => {
      this.trouble = error;
    });
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    try {
      for (let at = 0; at < chunk.length; ) at += writeSync(this.#fd, chunk, at, chunk.length - at);
      this.bytes += chunk.length;
      done();
    } catch (error) {
      done(error instanceof Error ? error : new Error(String(error)));
    }
  }
}
