import { lstat, stat } from 'node:fs/promises';
import path from 'node:path';
import { errorMessage } from '../../model/error-code.ts';
import { Refusal } from '../../model/refusal.ts';
import type { FileMover, KnownFile } from './file-mover.ts';
import type { PageRecorder } from './recorder.ts';

/** What puts a translator's other files in their places. */
interface SidecarMover {
  readonly mover: Pick<FileMover, 'move' | 'tellOnce'>;
  readonly outputRoot: string;
  readonly recorder: Pick<PageRecorder, 'isPlaceOfPage'>;
  /** Ends the run: it can't go on. */
  readonly fail: (error: unknown) => void;
}

/**
 * Files that a translator wrote beside its outputs go where these went; nothing is put in the place of a page, and a link to
 * a file arrives as a file. Links to folders and to nothing, pipes and the like stay behind. One that can't be moved is no
 * page's failure: the first is told of. A full disk ends the run.
 */
export async function moveSidecars(
  { mover, outputRoot, recorder, fail }: SidecarMover,
  {
    from,
    names,
    placeOf = (name) => name,
  }: {
    readonly from: string;
    readonly names: readonly string[];
    /** Where each belongs, relative to the output root; missing: under its own name. */
    readonly placeOf?: (name: string) => string;
  },
): Promise<void> {
  for (const name of names) {
    const placed = placeOf(name);
    if (recorder.isPlaceOfPage(placed) || name.startsWith('.mgpu')) continue;
    const file = await knownFile(path.join(from, name));
    if (file === undefined) continue;
    await mover.move(file, path.join(outputRoot, placed)).catch((error: unknown) => {
      if (error instanceof Refusal) fail(error);
      else
        mover.tellOnce('beside', `Can't keep ${placed}, a file next to the outputs: ${errorMessage(error)}.`);
    });
  }
}

/** Undefined for what is no use to anybody once the work folder is gone, or leads to where originals are. */
async function knownFile(file: string): Promise<KnownFile | undefined> {
  const found = await lstat(file).catch(() => undefined);
  if (found?.isDirectory()) return { path: file };
  if (found?.isFile()) return { path: file, isLink: found.nlink > 1 };
  if (!found?.isSymbolicLink()) return undefined;
  const target = await stat(file).catch(() => undefined);
  return target?.isFile() ? { path: file, isLink: true } : undefined;
}
