import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { RunEvent } from '../model/events.ts';
import { makeFolder } from '../pages/make-folder.ts';
import { openRegular } from '../pages/open-regular.ts';
import { WriteQueue } from './write-queue.ts';

const APPEND = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT;

/** `events.ndjson` of a run: every event but the workers' lines, which have logs of their own. */
export class EventsFile {
  readonly #path: string;
  #handle: FileHandle | undefined;
  readonly #queue: WriteQueue;

  constructor(
    path: string,
    /** Told once why it could not be written; it is silent from then on. */
    onError: (error: Error) => void,
  ) {
    this.#path = path;
    this.#queue = new WriteQueue((chunk) => this.#append(chunk), onError);
  }

  /** Writes one event soon, together with those that come meanwhile. Never throws. */
  report(event: RunEvent): void {
    if (event.type !== 'worker-log') this.#queue.write(`${JSON.stringify(event)}\n`);
  }

  /** Settles once every event so far is in the file, or can't be. Never rejects. */
  drained(): Promise<void> {
    return this.#queue.drained();
  }

  /** Settles once every event is in the file. Never rejects. */
  async close(): Promise<void> {
    await this.#queue.drained();
    await this.#handle?.close().catch(() => {});
  }

  async #append(chunk: Buffer): Promise<void> {
    if (this.#handle === undefined) {
      await makeFolder(dirname(this.#path));
      this.#handle = await openRegular(this.#path, { flags: APPEND });
    }
    await this.#handle.appendFile(chunk);
  }
}
