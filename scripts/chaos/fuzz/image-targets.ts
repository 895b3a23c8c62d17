import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { checkResult } from '../../../src/pages/check-result.ts';
import { probeSource } from '../../../src/pages/probe-source.ts';
import { verifyOutput } from '../../../src/pages/verify.ts';
import { avif, bmp, gif, jpeg, jxl, png, tiff, webp } from '../../../test/fixtures/images.ts';
import type { FuzzTarget } from './target.ts';

const common = {
  kind: 'images',
  examples: [
    png(64, 48),
    jpeg(64, 48),
    jpeg(640, 480, 70_000),
    webp(64, 48),
    gif(64, 48),
    bmp(64, 48),
    tiff(64, 48),
    tiff(64, 48, { big: true }),
    tiff(64, 48, { little: false }),
    avif(64, 48),
    jxl(64, 48),
    jxl(64, 48, { bare: true }),
  ],
  words: [
    'IHDR',
    'IDAT',
    'IEND',
    'RIFF',
    'WEBPVP8X',
    'ftypavif',
    'meta',
    'ipco',
    'ispe',
    'II*\0',
    'GIF89a',
    'ÿØÿ',
    '\u0021',
    '\u002c',
  ],
  longestBytes: 2 * 1024 * 1024,
} as const satisfies Partial<FuzzTarget>;

/** Whole files called images: pages that users have, and what translators make of them. */
export const imageTargets: readonly FuzzTarget[] = [
  {
    ...common,
    name: 'page-image',
    read: (input, { folder, random }) => {
      const file = path.join(
        folder,
        `page.${random.pick(['png', 'jpg', 'tif', 'webp', 'avif', 'gif', 'bmp', 'jxl'])}`,
      );
      writeFileSync(file, input);
      return probeSource({ path: file }, { measure: true });
    },
  },
  {
    ...common,
    name: 'output-image',
    read: (input, { folder, random }) => {
      const output = path.join(
        folder,
        `page.${random.pick(['png', 'jpg', 'tif', 'webp', 'avif', 'gif', 'bmp', 'jxl'])}`,
      );
      writeFileSync(output, input);
      return checkResult({ source: output, output });
    },
  },
  {
    ...common,
    name: 'found-image',
    share: 0.3,
    read: (input, { folder }) => {
      const output = path.join(folder, 'found.png');
      writeFileSync(output, input);
      return verifyOutput(output);
    },
  },
];
