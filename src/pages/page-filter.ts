import type { PageId } from '../model/page.ts';
import { sameForm } from './name-form.ts';

/** Which pages `--include` and `--exclude` let through. */
export interface PageFilter {
  takes(id: PageId): boolean;
  /** True where no page of the folder can be taken: it needs no look. */
  leavesOutFolder(folderId: string): boolean;
}

type Match = (id: string) => boolean;

/** `s` lets `**` pass a newline in a name; hidden names have been left out before, so dots are nothing special here. */
const OPTIONS = { dot: true, flags: 's', nonegate: true, windows: false };

/**
 * A filter of globs on page ids, read as people know them from `.gitignore`: without `/` a glob means a file or folder of
 * that name at any depth; with one it starts at the input root; one that means a folder means all in it (`ch1`, `ch1/`,
 * `vol1/ch1/**`). No include: all pages. Excludes win.
 */
export async function pageFilter(
  include: readonly string[],
  exclude: readonly string[],
): Promise<PageFilter> {
  if (include.length + exclude.length === 0) return { takes: () => true, leavesOutFolder: () => false };
  // Loaded only where there is a glob: starting is measured.
  const { default: picomatch } = await import('picomatch');
  const matcher = (globs: readonly string[]): Match => {
    if (globs.length === 0) return () => false;
    const matches = picomatch(globs.map(sameForm), OPTIONS);
    return (id) => matches(sameForm(id));
  };
  const included = matcher(include.flatMap((glob) => [...fileGlobs(glob), ...inFolder(glob)]));
  const excluded = matcher(exclude.flatMap((glob) => [...fileGlobs(glob), ...inFolder(glob)]));
  const excludedFolder = matcher(exclude.flatMap(folderGlobs));
  return {
    takes: (id) => (include.length === 0 || included(id)) && !excluded(id),
    leavesOutFolder: excludedFolder,
  };
}

const fileGlobs = (glob: string): string[] => (/\/(\*\*)?$/.test(glob) ? [] : [anchored(glob)]);

/** The folders that a glob means: `ch1/`, `ch1/**` and `ch1` all mean `ch1`. */
function folderGlobs(glob: string): string[] {
  const name = glob.replace(/\/(\*\*)?$/, '');
  return name === '' ? ['**'] : [anchored(glob.endsWith('/**') ? `/${name}` : name)];
}

const inFolder = (glob: string): string[] => folderGlobs(glob).map((folder) => `${folder}/**`);

/** With a `/` at its front or within, a glob starts at the root; otherwise it may stand at any depth. */
function anchored(glob: string): string {
  const path = glob.replace(/^\.?\//, '');
  return path === glob && !path.includes('/') ? `**/${path}` : path;
}
