import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { errorCode, errorMessage } from '../../model/error-code.ts';
import { tooManyOpenFiles } from '../../model/open-files.ts';
import { cannotRun, type Refusal } from '../../model/refusal.ts';
import { openRegular } from '../../pages/open-regular.ts';
import type { AnyLedgerLine } from './ledger-line.ts';

/** What the writer needs of an open file; tests give it one that fails. */
export type LedgerFile = Pick<FileHandle, 'read' | 'write' | 'stat' | 'truncate' | 'datasync' | 'close'>;

interface Options {
  readonly openFile?: (path: string) => Promise<LedgerFile>;
  /** Lines are on the disk, not only with the kernel, this long after they were written. */
  readonly syncEveryMs?: number;
}

/** A ledger as it was found. */
interface OpenLedger {
  readonly path: string;
  readonly file: LedgerFile;
  readonly bytes: number;
  readonly isTorn: boolean;
  readonly syncEveryMs: number;
}

interface Waiting {
  readonly text: string;
  readonly resolve: () => void;
  readonly reject: (reason: Refusal) => void;
}

const NEWLINE = 0x0a;
const APPEND = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT;

/**
 * Appends to one ledger. Lines that come while a write is under way go into the next one together. After a write that
 * failed it takes no more: this append and all later ones reject with a Refusal, and no half line is left behind.
 */
export class LedgerWriter {
  readonly #path: string;
  readonly #file: LedgerFile;
  readonly #syncEveryMs: number;
  /** Its length, as far as we wrote it. */
  #bytes: number;
  /** It ends in the middle of a line. */
  #isTorn: boolean;
  #waiting: Waiting[] = [];
  #writing: Promise<void> | undefined;
  #broken: Refusal | undefined;
  #syncTimer: NodeJS.Timeout | undefined;
  #unsynced = false;
  #closing: Promise<void> | undefined;

  private constructor({ path, file, bytes, isTorn, syncEveryMs }: OpenLedger) {
    this.#path = path;
    this.#file = file;
    this.#bytes = bytes;
    this.#isTorn = isTorn;
    this.#syncEveryMs = syncEveryMs;
  }

  /** Opens the ledger at `path`, made if it isn't there; its folder must be. Throws a Refusal where that fails. */
  static async open(path: string, options: Options = {}): Promise<LedgerWriter> {
    const { openFile = (name) => openRegular(name, { flags: APPEND }), syncEveryMs = 10_000 } = options;
    let file: LedgerFile | undefined;
    try {
      file = await openFile(path);
      const { size } = await file.stat();
      const last = Buffer.alloc(1);
      if (size > 0) await file.read(last, 0, 1, size - 1);
      const isTorn = size > 0 && last[0] !== NEWLINE;
      return new LedgerWriter({ path, file, bytes: size, isTorn, syncEveryMs });
    } catch (error) {
      await file?.close().catch(() => undefined);
      throw refusal(path, error);
    }
  }

  /** Resolves when the line is written (a crash of the launcher keeps it; a power cut may not, for `syncEveryMs`). */
  append(line: AnyLedgerLine): Promise<void> {
    if (this.#broken) return Promise.reject(this.#broken);
    if (this.#closing !== undefined) return Promise.reject(new Error(`${this.#path} is closed`));
    const written = new Promise<void>((resolve, reject) => {
      this.#waiting.push({ text: `${JSON.stringify(line)}\n`, resolve, reject });
    });
    this.#writing ??= this.#writeAll();
    return written;
  }

  /** Writes and syncs what is left. Rejects with the Refusal where that fails; the file is closed all the same. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#writing;
    clearTimeout(this.#syncTimer);
    await this.#sync();
    await this.#file.close().catch((error) => this.#break(error));
    if (this.#broken) throw this.#broken;
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const group = this.#waiting;
      this.#waiting = [];
      try {
        if (this.#broken) throw this.#broken;
        await this.#write(Buffer.from((this.#isTorn ? '\n' : '') + group.map(({ text }) => text).join('')));
        for (const { resolve } of group) resolve();
        this.#syncSoon();
      } catch (error) {
        const broken = this.#break(error);
        for (const { reject } of group) reject(broken);
      }
    }
    this.#writing = undefined;
  }

  async #write(group: Buffer): Promise<void> {
    let done = 0;
    try {
      while (done < group.length) {
        const { bytesWritten } = await this.#file.write(group, done, group.length - done, null);
        if (bytesWritten === 0) throw new Error('nothing more could be written');
        done += bytesWritten;
      }
    } catch (error) {
      if (done > 0) await this.#takeBack(done);
      throw error;
    }
    this.#bytes += done;
    this.#isTorn = false;
  }

  /** Only our own bytes: where the file has another length than we know, somebody else wrote, and nothing is cut. */
  async #takeBack(written: number): Promise<void> {
    try {
      const { size } = await this.#file.stat();
      if (size === this.#bytes + written) await this.#file.truncate(this.#bytes);
    } catch {
      // The next writer begins with a newline, so a half line costs itself alone.
    }
  }

  #syncSoon(): void {
    this.#unsynced = true;
    this.#syncTimer ??= setTimeout(() => {
      this.#syncTimer = undefined;
      void this.#sync();
    }, this.#syncEveryMs).unref();
  }

  async #sync(): Promise<void> {
    if (!this.#unsynced) return;
    this.#unsynced = false;
    await this.#file.datasync().catch((error) => this.#break(error));
  }

  #break(error: unknown): Refusal {
    this.#broken ??= refusal(this.#path, error);
    return this.#broken;
  }
}

function refusal(path: string, error: unknown): Refusal {
  const noMoreFiles = tooManyOpenFiles(error);
  if (noMoreFiles) return noMoreFiles;
  return cannotRun(
    `the ledger ${path} can't be written: ${errorMessage(error)}`,
    HINTS[errorCode(error) ?? ''] ?? HINT,
  );
}

const HINT = 'fix the problem with that file, then run the same command to resume';
const HINTS: Readonly<Record<string, string>> = {
  ENOTREG: 'remove it, then run the same command to resume',
  ENOSPC: 'free space on that disk, then run the same command to resume',
  EDQUOT: 'your quota on that disk is used up: free space, then run the same command to resume',
  EIO: 'the disk has errors: check it (dmesg), then run the same command to resume',
  EROFS: 'that file system is read-only: choose another folder with --output',
  EACCES: 'make it writable, or choose another folder with --output',
};
