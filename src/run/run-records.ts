import path from 'node:path';
import type { RunEvent } from '../model/events.ts';
import type { SlotId } from '../model/slot.ts';
import { EventsFile } from '../report/events-file.ts';
import { openWorkerLog, type WorkerLog } from '../report/worker-log.ts';
import type { RunFolders } from '../store/outputs/run-folders.ts';

type LogEvent = Extract<RunEvent, { type: 'worker-log' }>;
/** Lines that come before the log's library is loaded. A flood that early is cut there. */
const HELD_LINES = 10_000;

/** What stays of a run on disk besides the ledger: its events, and a log for each slot. */
export class RunRecords {
  readonly #events: EventsFile;
  readonly #logs = new Map<SlotId, Promise<WorkerLog | undefined>>();
  readonly #open = new Map<SlotId, WorkerLog>();
  readonly #held = new Map<SlotId, LogEvent[]>();
  readonly #folders: RunFolders;
  readonly #onError: (error: Error) => void;
  #areLogsOver = false;

  constructor(folders: RunFolders, onError: (error: Error) => void) {
    this.#folders = folders;
    this.#onError = onError;
    this.#events = new EventsFile(path.join(folders.run, 'events.ndjson'), onError);
  }

  report(event: RunEvent): void {
    if (event.type === 'worker-log') this.#log(event);
    else this.#events.report(event);
  }

  /** Settles once the workers' logs are complete, and all events so far are written. No worker has a line after it. */
  async drained(): Promise<void> {
    this.#areLogsOver = true;
    await Promise.all([...this.#logs.values()].map(async (log) => (await log)?.close()));
    this.#logs.clear();
    await this.#events.drained();
  }

  /** Settles once all is written. */
  async close(): Promise<void> {
    await this.drained();
    await this.#events.close();
  }

  #log(event: LogEvent): void {
    if (this.#areLogsOver) return;
    const open = this.#open.get(event.slot);
    if (open) {
      open.write(event);
      return;
    }
    const held = this.#held.get(event.slot) ?? [];
    this.#held.set(event.slot, held);
    if (held.length < HELD_LINES) held.push(event);
    if (!this.#logs.has(event.slot)) this.#logs.set(event.slot, this.#openLog(event.slot));
  }

  async #openLog(slot: SlotId): Promise<WorkerLog | undefined> {
    const place = { folder: this.#folders.logs, slot, onError: this.#onError };
    const log = await openWorkerLog(place).catch(this.#onError);
    if (!log) return undefined;
    for (const event of this.#held.get(slot) ?? []) log.write(event);
    this.#held.delete(slot);
    this.#open.set(slot, log);
    return log;
  }
}
