import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Beside the bundle; in the sources one folder further up. */
const PLACES = ['./python/', '../python/'].map((place) => new URL(place, import.meta.url));

/** Absolute path of a Python file that ships with the launcher. */
export const pythonFile = (name: string): string =>
  fileURLToPath(new URL(name, PLACES.find((place) => existsSync(new URL(name, place))) ?? PLACES[0]));
