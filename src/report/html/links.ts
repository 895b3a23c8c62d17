import path from 'node:path';

/**
 * The link from a file in the folder `from` to a folder: relative, percent-encoded, with `/` at its end. What can't be text in an
 * address is replaced.
 */
export function linkToFolder(from: string, folder: string): string {
  const way = path.relative(from, folder);
  return way === '' ? './' : `${way.split('/').map(encoded).join('/')}/`;
}

const encoded = (name: string): string => encodeURIComponent(name.replace(/[\ud800-\udfff]/gu, '\ufffd'));
