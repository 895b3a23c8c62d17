import type { ArchiveFile } from '../../model/page.ts';
import { Refusal } from '../../model/refusal.ts';
import { diskTrouble } from '../outputs/disk-errors.ts';

/** An archive can't be packed, and the others can. */
export class NotPackable extends Error {
  override readonly name = 'NotPackable';
}

/** Why an archive was not packed: a Refusal where the disk is the trouble. */
export function notPacked(
  { id }: ArchiveFile,
  { trouble, code }: { readonly trouble: string; readonly code?: string | undefined },
  to: string,
): unknown {
  const ofDisk = diskTrouble(Object.assign(new Error(trouble), code !== undefined && { code }), to);
  return ofDisk instanceof Refusal ? ofDisk : new NotPackable(`${id} could not be packed: ${trouble}`);
}
