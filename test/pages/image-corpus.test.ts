import { closeSync, openSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { checkResult } from '../../src/pages/check-result.ts';
import { formatOfSuffix } from '../../src/pages/image-format.ts';
import { probeSource } from '../../src/pages/probe-source.ts';
import { verifyOutput } from '../../src/pages/verify.ts';
import { CORPUS, cutAt20, flipped, hasEnd, TAILS, withTail } from '../fixtures/image-corpus.ts';
import { png } from '../fixtures/images.ts';
import { tempFolder } from './temp-folder.ts';

let folder: string;
beforeEach(async () => {
  folder = await tempFolder();
  writeFileSync(path.join(folder, 'source.png'), png(3, 3));
});

/** The verdict on content under a name, by itself and beside its source. */
async function verdictOn(name: string, content: Buffer): Promise<unknown> {
  const output = path.join(folder, name);
  writeFileSync(output, content);
  const { verdict } = verifyOutput(output);
  expect(checkResult({ source: path.join(folder, 'source.png'), output }).output).toEqual(verdict);
  return verdict;
}

describe.each(Object.entries(CORPUS))('%s', (name, image) => {
  const format = formatOfSuffix(name);

  test('is whole, and has its size', async () => {
    expect(await verdictOn(name, image)).toEqual({
      whole: true,
      format,
      endChecked: hasEnd(name),
      bytes: image.length,
    });
    const size = /^(rgb\.bmp|big\.tif)$/.test(name)
      ? { width: name === 'rgb.bmp' ? 24 : 30, height: 20 }
      : { width: 48, height: 40 };
    expect(probeSource({ path: path.join(folder, name) }, { measure: true })).toMatchObject({
      ok: true,
      size,
    });
  });

  test('is whole whatever is behind its end', async () => {
    for (const [what, tail] of Object.entries(TAILS))
      expect([what, await verdictOn(name, withTail(image, tail))]).toMatchObject([
        what,
        { whole: true, format },
      ]);
  });

  test.runIf(hasEnd(name))('is cut at each of 20 places', async () => {
    for (const piece of cutAt20(image))
      expect([piece.length, await verdictOn(name, piece)]).toMatchObject([piece.length, { whole: false }]);
  });

  test.runIf(hasEnd(name))('is damaged by one flipped byte of its structure', async () => {
    for (const [which, broken] of flipped(name, image).entries())
      expect([which, await verdictOn(name, broken)]).toMatchObject([which, { whole: false }]);
  });
});

test('an image is known by its content, under the suffix of another one too', async () => {
  expect(await verdictOn('page.png', CORPUS['baseline.jpg'] ?? Buffer.alloc(0))).toMatchObject({
    whole: true,
    format: 'jpeg',
  });
});

test('what is no image is no output under an image suffix', async () => {
  const contents: readonly (readonly [Buffer, RegExp])[] = [
    [Buffer.alloc(5000), /zero bytes only, not an image: it starts with 00 00/],
    [Buffer.from('<!DOCTYPE html><title>502 Bad Gateway</title>'), /an HTML page, not an image.*<!DOCTYPE/],
    [Buffer.from('{"error": "quota"}'), /not an image: it starts with "\{/],
    [Buffer.from('Traceback (most recent call last):\n'), /not an image: it starts with "Traceback/],
    [Buffer.from('\x07\x13\xfe\x80', 'latin1'), /it is not an image: it starts with 07 13 fe 80/],
  ];
  for (const [content, why] of contents)
    expect(await verdictOn('page.png', content)).toMatchObject({
      whole: false,
      why: expect.stringMatching(why),
    });
  expect(await verdictOn('page.psd', Buffer.from('8BPS'))).toMatchObject({ whole: true, endChecked: false });
});

test('an output that is its source again is whole, though the source is cut', async () => {
  const [source, output] = ['cut.jpg', 'copy.jpg'].map((name) => path.join(folder, name));
  const content = CORPUS['baseline.jpg']?.subarray(0, 1000) ?? Buffer.alloc(0);
  for (const file of [source, output]) writeFileSync(file ?? '', content);
  const found = checkResult({ source: source ?? '', output: output ?? '' });
  expect(found).toMatchObject({ output: { whole: true, endChecked: true, bytes: 1000 }, equalsSource: true });
  writeFileSync(output ?? '', content.subarray(0, 999));
  expect(checkResult({ source: source ?? '', output: output ?? '' })).toMatchObject({
    output: { whole: false },
    equalsSource: false,
  });
  closeSync(openSync(output ?? '', 'w'));
  expect(checkResult({ source: source ?? '', output: output ?? '' }).output).toMatchObject({ whole: false });
});
