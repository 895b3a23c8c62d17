import { rm, rmdir } from 'node:fs/promises';
import path from 'node:path';
import { WAITING_FOLDER } from '../../model/page.ts';

/** Removes what waited for an archive, and folders that nothing waits in any more. */
export async function removeWaiting(outputRoot: string, outputs: string): Promise<void> {
  const root = path.join(outputRoot, WAITING_FOLDER);
  const folder = path.join(outputRoot, outputs);
  await rm(folder, { recursive: true, force: true });
  for (let at = path.dirname(folder); at.startsWith(root); at = path.dirname(at)) {
    const isEmpty = await rmdir(at).then(
      () => true,
      () => false,
    );
    if (!isEmpty) break;
  }
}
