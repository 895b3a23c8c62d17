import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { probeSource } from '../../../src/pages/probe-source.ts';
import { decodeName, whyUnsafe } from '../../../src/pages/sources/entry-name.ts';
import { readDirectory } from '../../../src/pages/sources/read-directory.ts';
import { png } from '../../../test/fixtures/images.ts';
import { zipOf } from '../../../test/fixtures/zips.ts';
import { asBuffers, type FuzzTarget } from './target.ts';

const PAGES = [
  { name: '001.png', content: png(64, 48), deflate: true },
  { name: 'ch2/001.png', content: png(8, 8) },
  { name: Buffer.from('91e6318f2e706e67', 'hex'), content: png(8, 8) },
];

/** Archives of pages, and the names in them. */
export const archiveTargets: readonly FuzzTarget[] = [
  {
    name: 'archive',
    kind: 'archives',
    examples: [
      zipOf(PAGES),
      zipOf([{ name: 'a/' }, ...PAGES, { name: 'ComicInfo.xml', content: '<x/>' }], { comment: 'a comment' }),
    ],
    words: ['PK\x01\x02', 'PK\x03\x04', 'PK\x05\x06', 'PK\x06\x06', 'PK\x06\x07', '../', 'up\x09\0\x01'],
    longestBytes: 1024 * 1024,
    read: async (input, { folder }) => {
      const file = path.join(folder, 'a.cbz');
      writeFileSync(file, input);
      const found = await readDirectory(file);
      if ('trouble' in found) return found.trouble;
      const { bytes, mtimeMs, directoryCrc } = found;
      const archive = { id: 'a.cbz', path: file, bytes, mtimeMs, directoryCrc, pages: 1, outputs: 'x' };
      const link = path.join(folder, 'page');
      return found.entries
        .filter(({ trouble }) => trouble === undefined)
        .map((entry) => probeSource({ path: file, entry: { ...entry, archive }, link }, { measure: true }));
    },
  },
  {
    name: 'archive-name',
    kind: 'archives',
    examples: asBuffers('ch1/001.png', '第1話/001.png', '..\\x.png', 'C:/x.png'),
    longestBytes: 65_535,
    read: (input) => whyUnsafe(decodeName({ raw: input, unicode: input })),
  },
];
