import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { nearestFolder } from '../pages/nearest-existing.ts';
import type { RunFolders } from '../store/outputs/run-folders.ts';
import type { DoctorContext } from './context.ts';
import { type Finding, fine, unchecked, warning } from './finding.ts';

const CHECK = 'links';

/** Whether pages can be linked into the work folder, or will be copied. */
export async function checkLinks({ work }: RunFolders, { options }: DoctorContext): Promise<Finding> {
  if (options.link === 'copy') return fine(CHECK, 'not needed: --link copy');
  const near = await nearestFolder(work);
  const folder = await mkdtemp(path.join(near, '.mgpu-doctor-')).catch(() => undefined);
  if (folder === undefined) return unchecked(CHECK, `${near} can't be written to`);
  try {
    await writeFile(path.join(folder, 'page'), 'page');
    await symlink(path.join(folder, 'page'), path.join(folder, 'link'));
    await readFile(path.join(folder, 'link'));
    return fine(CHECK, `they work in ${near}: scripts get links to the pages`);
  } catch {
    return warning(
      CHECK,
      `they don't work in ${near}: pages are copied, which takes time and space`,
      '--work /tmp/mgpu-work, or another folder on a local disk',
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
