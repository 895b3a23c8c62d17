import path from 'node:path';
import type { RunEvent } from '../model/events.ts';
import type { SlotId } from '../model/slot.ts';
import { EventsFile } from '../report/events-file.ts';
import { WorkerLog } from '../report/worker-log.ts';
import type { RunFolders } from '../store/outputs/run-folders.ts';

/** What stays of a run on disk besides the ledger: its events, and a log for each slot. */
export class RunRecords {
  readonly #events: EventsFile;
  readonly #logs = new Map<SlotId, WorkerLog>();
  readonly #logFolder: string;
  readonly #onError: (error: Error) => void;
  #areLogsOver = false;

  constructor(folders: Pick<RunFolders, 'run' | 'logs'>, onError: (error: Error) => void) {
    this.#logFolder = folders.logs;
    this.#onError = onError;
    this.#events = new EventsFile(path.join(folders.run, 'events.ndjson'), onError);
  }

  report(event: RunEvent): void {
    if (event.type !== 'worker-log') this.#events.report(event);
    else if (!this.#areLogsOver) this.#logOf(event.slot).write(event);
  }

  /** Settles once the workers' logs are complete, and all events so far are written. No worker has a line after it. */
  async drained(): Promise<void> {
    this.#areLogsOver = true;
    await Promise.all([...this.#logs.values()].map((log) => log.close()));
    this.#logs.clear();
    await this.#events.drained();
  }

  /** Settles once all is written. */
  async close(): Promise<void> {
    await this.drained();
    await this.#events.close();
  }

  #logOf(slot: SlotId): WorkerLog {
    const known = this.#logs.get(slot);
    if (known) return known;
    const log = new WorkerLog({ folder: this.#logFolder, slot, onError: this.#onError });
    this.#logs.set(slot, log);
    return log;
  }
}
