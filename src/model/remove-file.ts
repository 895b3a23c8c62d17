import { rm } from 'node:fs/promises';
import { patiently } from './file-errors.ts';

/**
 * Removes a file of our own, if it is there; tries again where an error may pass. Never rejects: what stays is left to
 * whoever comes next, and what was to be told before is told.
 */
export const removeFile = (path: string): Promise<void> =>
  patiently(() => rm(path, { force: true })).catch(() => {});
