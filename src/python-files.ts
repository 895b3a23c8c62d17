import { fileURLToPath } from 'node:url';

/** Absolute path of a Python file that ships with the launcher; the build puts the folder beside the bundle too. */
export const pythonFile = (name: string): string =>
  fileURLToPath(new URL(`./python/${name}`, import.meta.url));
