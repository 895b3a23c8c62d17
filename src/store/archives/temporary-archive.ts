import { createHash } from 'node:crypto';
import path from 'node:path';
import { type PageId, WAITING_FOLDER } from '../../model/page.ts';
import { type Part, partFrom } from '../../model/part.ts';
import { removeFile } from '../../model/remove-file.ts';
import { namesIn } from '../outputs/names-in.ts';

const NAME = /^archive-[0-9a-f]{16}(?:\.([1-9]\d*)-of-([1-9]\d*))?\.part$/;

/**
 * Where a run, or a part of one, writes an archive before it is moved. Always the same: what a killed run left of the archive is
 * written over.
 */
export function temporaryFile(outputRoot: string, id: PageId, part: Part | undefined): string {
  const name = createHash('sha256').update(id).digest('hex').slice(0, 16);
  const whose = part === undefined ? '' : `.${part.index}-of-${part.of}`;
  return path.join(folderIn(outputRoot), `archive-${name}${whose}.part`);
}

/**
 * Removes what killed runs left of archives that they were writing; to be called by whoever has the output's lock, before it packs
 * any itself. Only the other parts of the same number may be at work then: theirs stay. Never rejects because of a file.
 */
export async function removeDeadTemporaries(outputRoot: string, part: Part | undefined): Promise<void> {
  const folder = folderIn(outputRoot);
  for (const name of await namesIn(folder)) {
    const [found, index, of] = NAME.exec(name) ?? [];
    if (found !== undefined && !isOfOther(part, index === undefined ? undefined : partFrom(index, of)))
      await removeFile(path.join(folder, name));
  }
}

const isOfOther = (part: Part | undefined, whose: Part | undefined): boolean =>
  part !== undefined && whose?.of === part.of && whose.index !== part.index;

const folderIn = (outputRoot: string): string => path.join(outputRoot, path.dirname(WAITING_FOLDER));
