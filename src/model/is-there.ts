import { lstat } from 'node:fs/promises';

/** True where something has this path, a link that leads nowhere among them. Never rejects. */
export const isThere = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    () => false,
  );
