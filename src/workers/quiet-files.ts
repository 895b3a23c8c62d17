import { lstat } from 'node:fs/promises';
import path from 'node:path';

/** Watches files of a folder for how long they have not changed, by the launcher's own clock: a network disk's may be wrong by hours. */
export class QuietFiles {
  readonly #folder: string;
  readonly #seen = new Map<string, { readonly ctimeMs: number | undefined; readonly sinceMs: number }>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * For how many milliseconds no change of any of these files was seen: 0 where one is asked for the first time, infinity
   * where there are none. Asked again and again: it remembers when each was last seen to change.
   */
  async quietMs(names: readonly string[]): Promise<number> {
    let quietMs = Number.POSITIVE_INFINITY;
    for (const name of names) quietMs = Math.min(quietMs, await this.#quietMs(name));
    return quietMs;
  }

  async #quietMs(name: string): Promise<number> {
    const now = performance.now();
    const ctimeMs = (await lstat(path.join(this.#folder, name)).catch(() => undefined))?.ctimeMs;
    const before = this.#seen.get(name);
    if (before && before.ctimeMs === ctimeMs) return now - before.sinceMs;
    this.#seen.set(name, { ctimeMs, sinceMs: now });
    return 0;
  }
}
