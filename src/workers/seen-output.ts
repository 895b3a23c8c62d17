import type { Stats } from 'node:fs';
import { lstat } from 'node:fs/promises';
import path from 'node:path';
import type { SeenFile } from './output-check.ts';
import type { SourceCopy } from './source-copies.ts';

/** A file that may be a page's output, while it does not count yet. */
export interface Seen extends SeenFile {
  /** How many signs of life there had been when it was first seen. */
  readonly sign: number;
  /** As it was before it was last checked. */
  before: Pick<Stats, 'ctimeMs' | 'size'>;
  isBroken?: true;
  /** Set where its content is the source's. */
  copy?: SourceCopy | undefined;
}

/** True where a file was written to since it was last checked. */
export async function hasChanged(folder: string, seen: Seen): Promise<boolean> {
  const { before } = seen;
  const now = await lstat(path.join(folder, seen.name)).catch(() => before);
  seen.before = now;
  return now.ctimeMs !== before.ctimeMs || now.size !== before.size;
}
