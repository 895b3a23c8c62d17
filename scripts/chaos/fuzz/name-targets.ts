import { Readable } from 'node:stream';
import { resolveInputs } from '../../../src/pages/inputs.ts';
import { readNameList } from '../../../src/pages/name-list.ts';
import { naturalComparePaths, naturalSort } from '../../../src/pages/natural-order.ts';
import { stemOf } from '../../../src/pages/output-name.ts';
import { pageFilter } from '../../../src/pages/page-filter.ts';
import { mangaNameInBatch } from '../../../src/translators/manga-image-translator/output-names.ts';
import { PageNames } from '../../../src/workers/page-names.ts';
import { asBuffers, type FuzzTarget } from './target.ts';

const LIST = 'ch1/001.png\nch1/002.png\r\n\nTitle (2020)/page 10.jpg\n漫画/第１話/2.png\n';

/** Names of files, one by one and as lists, and patterns for them. */
export const nameTargets: readonly FuzzTarget[] = [
  {
    name: 'file-list',
    kind: 'file lists and names',
    examples: asBuffers(LIST, LIST.replaceAll(/\r?\n/g, '\0')),
    words: ['\n', '\r\n', '\0', '../', '/', 'page10.png'],
    longestBytes: 256 * 1024,
    read: (input, { random }) =>
      readNameList({
        filesFrom: '-',
        nulSeparated: random.chance(0.5),
        cwd: '/',
        stdin: Readable.from([input]),
      }),
  },
  {
    name: 'input-names',
    kind: 'file lists and names',
    examples: asBuffers('ch1/001.png', 'ch*/00[1-3].png', '{a,b}/*.jpg', LIST),
    words: ['/', '../', '*', '**', '[', '{', '!(', '\n'],
    longestBytes: 16 * 1024,
    share: 0.2,
    read: (input, { folder, random }) => {
      const nulSeparated = random.chance(0.5);
      const stdin = Readable.from([input]);
      // As a word of the command line, which has no NUL in it; below the folder, as what else is on the machine is no input.
      const inputs = [
        `pages/${input
          .toString('utf8')
          .replaceAll('\0', '')
          .replaceAll(/\.{2,}/g, '.')}`,
      ];
      return random.chance(0.5)
        ? resolveInputs({ inputs, nulSeparated, cwd: folder, stdin })
        : resolveInputs({ inputs: [], filesFrom: '-', nulSeparated, cwd: folder, stdin });
    },
  },
  {
    name: 'names-in-order',
    kind: 'file lists and names',
    examples: asBuffers(LIST, 'page10\npage2\nPage02\npagé3\n００７'),
    words: ['0', '00', '9', '\n', '/', '\u0301', '①', 'ﬃ'],
    // Some thousand names, or one of any length.
    longestBytes: 16 * 1024,
    read: (input) => {
      // No path is longer.
      const names = input
        .toString('utf8')
        .split('\n')
        .map((name) => name.slice(0, 4096));
      const sorted = naturalSort(names, (name) => name);
      for (let at = 1; at < sorted.length; at++) naturalComparePaths(sorted[at - 1] ?? '', sorted[at] ?? '');
      return names.slice(0, 100).map((name) => [stemOf(name), mangaNameInBatch(name)]);
    },
  },
  {
    name: 'page-in-line',
    kind: 'translator output',
    examples: asBuffers(
      'Saving "/work/in/ch1/001.png" to /work/out/ch1/001.png (page 1)',
      'done: a b c 002.png',
    ),
    words: ['.png', '/work/in/', ' ', '001.png', 'ch1/', '"'],
    longestBytes: 68 * 1024,
    share: 0.5,
    read: (input) => pages.in(input.toString('utf8')),
  },
  {
    name: 'glob',
    kind: 'globs',
    examples: asBuffers(
      'cover.*',
      'ch1/',
      'vol1/ch*/00[1-3].{png,jpg}',
      '**/x/**',
      'Title (2020)/',
      '!(a|b)*.png',
      '*a*a*b.png',
      '/[!a-c]?.png',
    ),
    words: [
      '*',
      '**',
      '*a',
      '?',
      '/',
      '[',
      ']',
      '{',
      ',',
      '}',
      '(',
      ')',
      '|',
      '!',
      '@(',
      '+(',
      '*(',
      '\\',
      '[[:alpha:]]',
      '{1..9}',
      '{1..99999999}',
    ],
    longestBytes: 128 * 1024,
    share: 2,
    read: async (input, { random }) => {
      const glob = input.toString('utf8').replaceAll('\0', '');
      const filter = await pageFilter(random.chance(0.5) ? [glob] : [], [glob]);
      filter.takes(random.pick(IDS));
      filter.leavesOutFolder(random.pick(IDS));
    },
  },
];

const pages = new PageNames(
  ['ch1/001.png', 'a b c 002.png', `${'x'.repeat(250)}.png`].map((id) => ({ id, path: `/p/${id}` })),
  ['/work/in', '/work/out'],
);
const IDS: readonly [string, ...string[]] = [
  'ch1/001.png',
  'Title (2020)/1.png',
  'a/'.repeat(40),
  `${'a'.repeat(250)}.jpg`,
  `${'ab/'.repeat(80)}c.png`,
  '漫画/第１話/2.png',
];
