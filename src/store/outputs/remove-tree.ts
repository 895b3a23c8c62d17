import { opendir, rm, rmdir } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { findProgram } from '../../model/find-program.ts';
import { noFilesForStart } from '../../model/open-files.ts';

/** As many entries are removed in the time that it takes to start a process. */
const FEW_ENTRIES = 64;

/**
 * Removes a folder with all that is in it: outside of this process, which tens of thousands of links would hold up, unless
 * there are only a few. Never rejects: what stays is found by the next run.
 */
export async function removeTree(folder: string): Promise<void> {
  const wasEmpty = await rmdir(folder).then(
    () => true,
    () => false,
  );
  if (wasEmpty) return;
  const isGone = (await holdsFew(folder)) && (await removeHere(folder));
  if (isGone) return;
  const program = noFilesForStart() ? undefined : await findProgram('rm', process.env, '/');
  if (program === undefined) await removeHere(folder);
  else await execa(program, ['-rf', '--', folder], { reject: false, stdio: 'ignore' }).catch(() => {});
}

const removeHere = (folder: string): Promise<boolean> =>
  rm(folder, { recursive: true, force: true }).then(
    () => true,
    () => false,
  );

const holdsFew = (folder: string): Promise<boolean> =>
  roomAfter(folder, FEW_ENTRIES).then(
    (room) => room >= 0,
    () => false,
  );

/** What remains of a number of entries once those below the folder are counted; it stops counting below zero. */
async function roomAfter(folder: string, entries: number): Promise<number> {
  let room = entries;
  for await (const entry of await opendir(folder)) {
    room -= 1;
    if (room >= 0 && entry.isDirectory()) room = await roomAfter(path.join(folder, entry.name), room);
    if (room < 0) break;
  }
  return room;
}
