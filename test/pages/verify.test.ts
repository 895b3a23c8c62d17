import { execFileSync } from 'node:child_process';
import { symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { checkResult } from '../../src/pages/check-result.ts';
import { type OutputLook, verifyOutput } from '../../src/pages/verify.ts';
import { avif, bmp, gif, jpeg, jxl, oneOfEach, png, tiff, webp } from '../fixtures/images.ts';
import { tempFolder } from './temp-folder.ts';

const verify = async (content: Buffer): Promise<OutputLook['verdict']> => {
  const file = path.join(await tempFolder(), 'output');
  await writeFile(file, content);
  return verifyOutput(file).verdict;
};

/** Past the size that is read at once. */
const LARGE: Readonly<Record<string, Buffer>> = {
  png: png(4000, 100, 0, 0),
  jpeg: jpeg(900, 700, 100_000),
  webp: Buffer.concat([webp(9, 9)]),
  gif: gif(900, 700),
  bmp: bmp(300, 300),
  tiff: tiff(300, 300),
  avif: avif(900, 700),
  jxl: jxl(256, 256),
};

for (const [size, images] of Object.entries({ small: oneOfEach(), large: LARGE })) {
  test.each(Object.entries(images))(`takes a ${size} whole %s`, async (format, bytes) => {
    expect(await verify(bytes)).toEqual({ whole: true, format, endChecked: true, bytes: bytes.length });
  });

  test.each(Object.entries(images))(`finds a ${size} %s cut anywhere`, async (_, bytes) => {
    for (const share of [0.5, 0.8, 0.99, 1]) {
      const left = Math.floor(bytes.length * share) - 1;
      expect([left, await verify(bytes.subarray(0, left))]).toMatchObject([left, { whole: false }]);
    }
  });
}

test.each([{ big: true }, { little: false }, { big: true, little: false }])(
  'reads a TIFF with %j',
  async (kind) => {
    const bytes = tiff(64, 48, kind);
    expect(await verify(bytes)).toMatchObject({ whole: true, format: 'tiff', endChecked: true });
    expect(await verify(bytes.subarray(0, -8))).toMatchObject({ whole: false });
  },
);

test('ends with a TIFF whose directories go in a circle', async () => {
  const bytes = tiff(8, 8);
  bytes.writeUInt32LE(bytes.readUInt32LE(4), bytes.length - 4);
  expect(await verify(bytes)).toMatchObject({ whole: true });
});

test.each(['png', 'jpeg', 'gif', 'webp', 'bmp'])('bears padding behind the end of a %s', async (format) => {
  const bytes = oneOfEach()[format] ?? Buffer.alloc(0);
  expect(await verify(Buffer.concat([bytes, Buffer.alloc(3000)]))).toMatchObject({ whole: true });
});

test("takes a thumbnail's end for no end", async () => {
  const cut = jpeg(64, 48, 500).subarray(0, -100);
  cut.set([0xff, 0xd9], 300);
  expect(await verify(cut)).toMatchObject({ whole: false, why: 'the JPEG is truncated: its end is missing' });
});

test('takes what a power cut left, all zeros, for no image that is whole', async () => {
  expect(await verify(Buffer.concat([png(64, 48).subarray(0, 60), Buffer.alloc(500)]))).toMatchObject({
    whole: false,
  });
});

test('believes what has no end to check, as long as it is not empty', async () => {
  const bare = jxl(64, 48, { bare: true });
  expect(await verify(bare)).toEqual({ whole: true, format: 'jxl', endChecked: false, bytes: bare.length });
  expect(await verify(Buffer.from('{}'))).toEqual({ whole: true, endChecked: false, bytes: 2 });
  expect(await verify(Buffer.alloc(0))).toEqual({ whole: false, why: 'the file is empty' });
});

test('rejects where there is no file, and waits for no pipe', async () => {
  const folder = await tempFolder();
  expect(verifyOutput(path.join(folder, 'gone'))).toEqual({ verdict: { missing: 'ENOENT' } });
  execFileSync('mkfifo', [path.join(folder, 'pipe')]);
  expect(verifyOutput(path.join(folder, 'pipe')).verdict).toMatchObject({ whole: false });
  expect(verifyOutput(folder).verdict).toMatchObject({ whole: false });
});

test('never throws, whatever stands behind a signature', async () => {
  const file = path.join(await tempFolder(), 'output');
  for (const [format, bytes] of Object.entries(oneOfEach())) {
    for (let left = 1; left < 70; left++) {
      await writeFile(file, bytes.subarray(0, left));
      expect([format, left, verifyOutput(file).verdict]).toMatchObject([format, left, {}]);
    }
  }
});

test('an output whose folder can not even be looked at is missing, and nothing is thrown', async () => {
  const folder = await tempFolder();
  const output = path.join(folder, 'x'.repeat(300), '1.png');
  expect(checkResult({ source: path.join(folder, 'gone'), output })).toMatchObject({
    output: { missing: 'ENAMETOOLONG' },
  });
});

test('a source that was read before and can’t be looked at any more is told so, and nothing is thrown', async () => {
  const folder = await tempFolder();
  const source = path.join(folder, '1.png');
  await symlink(source, source);
  const known = { bytes: 1, mtimeMs: 1, ctimeMs: 1, crc32: 1 };
  expect(checkResult({ source, known })).toEqual({ source: null });
});
