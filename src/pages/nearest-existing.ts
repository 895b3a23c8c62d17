import type { Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';

/** What is there at a path, or nearest above it. */
interface Existing {
  readonly path: string;
  /** Links followed. Undefined where not even the root can be looked at. */
  readonly stats: Stats | undefined;
}

/** The path itself, or the nearest one above it that is there and is of the `wanted` kind; the root at the latest. */
export async function nearestExisting(
  place: string,
  wanted: (stats: Stats) => boolean = () => true,
): Promise<Existing> {
  for (let at = place; ; at = path.dirname(at)) {
    const stats = await stat(at).catch(() => undefined);
    if ((stats && wanted(stats)) || at === path.dirname(at)) return { path: at, stats };
  }
}

/** The folder itself, or the nearest one above it that is there. */
export const nearestFolder = async (folder: string): Promise<string> =>
  (await nearestExisting(folder, (stats) => stats.isDirectory())).path;
