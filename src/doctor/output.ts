import { randomUUID } from 'node:crypto';
import { open, rm, statfs } from 'node:fs/promises';
import path from 'node:path';
import prettyBytes from 'pretty-bytes';
import { errorCode, errorMessage } from '../model/error-code.ts';
import { isForbidden, writingTrouble } from '../model/file-errors.ts';
import { removeFile } from '../model/remove-file.ts';
import { nearestFolder } from '../pages/nearest-existing.ts';
import type { RunFolders } from '../store/outputs/run-folders.ts';
import type { DoctorContext } from './context.ts';
import { type Finding, fine, trouble, warning } from './finding.ts';

const CHECK = 'output';
const LEAST_BYTES = 50 * 1000 * 1000;
const SCARCE_BYTES = 2 * 1000 * 1000 * 1000;
const WRITE_FOR_MS = 500;
const MOST_BYTES = 64 * 1024 * 1024;
const SLOW_BYTES_A_SECOND = 2 * 1000 * 1000;

/** Space and speed of the disk that outputs go to. */
export async function checkOutput(
  { output, existed }: RunFolders,
  { quote }: DoctorContext,
): Promise<Finding[]> {
  const folder = await nearestFolder(output);
  const name = existed ? output : `${output} (does not exist yet)`;
  const mend = `see what uses the space: du -xh ${quote([folder])} | sort -h | tail; or choose another --output`;
  const space = await statfs(folder).catch(() => undefined);
  // Some network disks say 0 for what they don't know.
  const free = space && space.blocks > 0 ? space.bavail * space.bsize : undefined;
  if (free !== undefined && free < LEAST_BYTES)
    return [trouble(CHECK, `${name}: ${prettyBytes(free)} free: too little`, mend)];
  // Whoever else writes there needs room meanwhile.
  const written = await writeSpeed(folder, Math.min(MOST_BYTES, (free ?? MOST_BYTES) / 4));
  if ('error' in written) {
    const { error } = written;
    const why = writingTrouble(error) ?? errorMessage(error);
    const isFull = ['ENOSPC', 'EDQUOT'].includes(errorCode(error) ?? '');
    const hint = isForbidden(error)
      ? `chmod u+w ${quote([folder])}, or choose another --output`
      : 'choose another --output';
    return [trouble(CHECK, `${name}: ${folder} can't be written to: ${why}`, isFull ? mend : hint)];
  }
  const speed = `${name}: writes ${prettyBytes(written.bytesASecond)}/s`;
  const text = free === undefined ? speed : `${speed}, ${prettyBytes(free)} free`;
  if (free !== undefined && free < SCARCE_BYTES)
    return [warning(CHECK, `${text}: that may be too little`, mend)];
  if (written.bytesASecond < SLOW_BYTES_A_SECOND)
    return [
      warning(
        CHECK,
        `${text}: a slow disk`,
        'choose an --output on a local disk, and copy the pages at the end',
      ),
    ];
  return [fine(CHECK, text)];
}

/** Writes for a second at most into a file that has no name: whatever kills the doctor, nothing stays. */
async function writeSpeed(
  folder: string,
  mostBytes: number,
): Promise<{ bytesASecond: number } | { error: unknown }> {
  const probe = path.join(folder, `.mgpu-doctor-${randomUUID()}`);
  try {
    const file = await open(probe, 'wx');
    try {
      await rm(probe, { force: true });
      const block = Buffer.alloc(1024 * 1024, 0x6d);
      const began = performance.now();
      let bytes = 0;
      while (bytes < mostBytes && performance.now() - began < WRITE_FOR_MS)
        bytes += (await file.write(block)).bytesWritten;
      await file.datasync();
      return { bytesASecond: bytes / ((performance.now() - began) / 1000) };
    } finally {
      await file.close();
    }
  } catch (error) {
    return { error };
  } finally {
    await removeFile(probe);
  }
}
