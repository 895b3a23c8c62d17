import { lstat } from 'node:fs/promises';
import type { Page } from '../../model/page.ts';
import { cannotRun, type Refusal } from '../../model/refusal.ts';
import { isContentOf } from '../../pages/same-content.ts';

/** A copy of a page before a worker had it. */
export interface CopyGiven {
  readonly path: string;
  readonly bytes: number;
  /** Of its last change, by a clock that no program can set. */
  readonly ctimeMs: number;
}

/** Looks at a copy that was just made. */
export async function copyGiven(path: string): Promise<CopyGiven> {
  const { size, ctimeMs } = await lstat(path);
  return { path, bytes: size, ctimeMs };
}

/** True where a worker has written over a copy, replaced or removed it: so it would have done with the original. */
export async function hasChangedCopy({ path, bytes, ctimeMs }: CopyGiven, page: Page): Promise<boolean> {
  const now = await lstat(path).catch(() => undefined);
  if (now?.isFile() && now.size === bytes)
    return now.ctimeMs !== ctimeMs && !(await isContentOf(page, path, bytes));
  return true;
}

/** What a program gets copies of all pages with. */
export const COPIES = { '--link': 'copy' } as const;

/**
 * The end of a run whose translator changed copies of these pages, which stood for the originals. `resumeWith`: options that it can
 * go on with.
 */
export function overwritesInput(
  program: string,
  [first = '', ...others]: readonly string[],
  resumeWith: Readonly<Record<string, string>>,
): Refusal {
  const more = others.length === 0 ? '' : ` and ${others.length} more page${others.length === 1 ? '' : 's'}`;
  const way =
    resumeWith === COPIES
      ? 'make it write elsewhere (a script: into {output}), or run again with --link copy: the translator gets copies of all pages'
      : "if that is its output, add --outputs-in '{input}': what it has written is kept, and used then; if not, make it write into {output}";
  return cannotRun(
    `${program} changed its copy of ${first}${more}: the translator seems to overwrite its input. The originals are untouched`,
    way,
    [],
    resumeWith,
  );
}
