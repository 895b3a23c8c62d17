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

/**
 * The end of a run whose translator changed copies of these pages, which stood for the originals. `worker` is set for a warm
 * one: a copy that it changed is never its output, so copies help it only where it wrote the output as well.
 */
export function overwritesInput(
  program: string,
  [first = '', ...others]: readonly string[],
  worker?: { readonly wroteOutput: boolean },
): Refusal {
  const more = others.length === 0 ? '' : ` and ${others.length} more page${others.length === 1 ? '' : 's'}`;
  return cannotRun(
    `${program} changed its copy of ${first}${more}: the translator seems to overwrite its input. The originals are untouched`,
    worker
      ? workerHint(worker)
      : 'make it write elsewhere (a script: into {output}), or run again with --link copy: the translator gets copies of all pages',
  );
}

function workerHint({ wroteOutput }: { readonly wroteOutput: boolean }): string {
  return wroteOutput
    ? 'make it leave its input (page_in) as it is, or run again with --link copy: the worker gets copies of all pages'
    : 'make it save to the output path that it gets (page_out), and leave its input (page_in) as it is';
}
