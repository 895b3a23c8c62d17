import { lstat, type Stats, stat } from 'node:fs';
import { promisify } from 'node:util';

/** What stands at a path, links followed. `dangling`: a link that leads nowhere or in a circle. */
export type Kind = 'folder' | 'file' | 'other' | 'dangling' | 'missing' | 'denied';

/** Looks at a path without opening it. Errors other than "missing" and "denied" are thrown. */
export const kindOf = (path: string | Buffer): Promise<Kind> =>
  new Promise((resolve, reject) => {
    stat(path, (error, stats) => {
      if (error === null) resolve(kindOfStats(stats));
      else if (error.code === 'EACCES' || error.code === 'EPERM') resolve('denied');
      else if (error.code === 'ELOOP') resolve('dangling');
      else if (error.code === 'ENOENT') resolve(linkOrMissing(path));
      else if (['ENOTDIR', 'ENAMETOOLONG'].includes(error.code ?? '')) resolve('missing');
      else reject(error);
    });
  });

/** What a `stat` says it is. */
function kindOfStats(stats: Stats): 'folder' | 'file' | 'other' {
  if (stats.isDirectory()) return 'folder';
  return stats.isFile() ? 'file' : 'other';
}

const look = promisify(lstat);

const linkOrMissing = (path: string | Buffer): Promise<Kind> =>
  look(path).then(
    () => 'dangling',
    () => 'missing',
  );
