import type { PageId } from './page.ts';

/** A page's folder relative to the input root; empty for the root itself. */
export const folderOf = (page: PageId): string => page.slice(0, Math.max(0, page.lastIndexOf('/')));
