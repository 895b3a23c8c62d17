import { workerData } from 'node:worker_threads';

/** What a thread that looks at pages shares with whoever waits for it, so that no message is needed. */
export interface LifeSigns {
  /** `[0]`: jobs of the message that were started. `[1]`: goes up while a large file is read. */
  readonly signs: Int32Array;
}

const isShared = (data: unknown): data is LifeSigns =>
  typeof data === 'object' && data !== null && 'signs' in data && data.signs instanceof Int32Array;

/** In the launcher itself nobody waits. */
const shared: unknown = workerData;
const { signs } = isShared(shared) ? shared : { signs: new Int32Array(2) };

/** To be called as a job is begun, by its index in the message. */
export const jobBegun = (index: number): void => void Atomics.store(signs, 0, index + 1);

/** To be called now and then in a job that may take long: its disk is slow, and answers. */
export const stillAlive = (): void => void Atomics.add(signs, 1, 1);
