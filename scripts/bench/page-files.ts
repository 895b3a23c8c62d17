import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import pLimit from 'p-limit';
import type { SimulatedPage } from './mixes.ts';

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const AT_ONCE = 64;

/** Writes the pages below `folder`: whole images, black and nearly empty, or about `bytes` long. */
export async function writePages(folder: string, pages: readonly SimulatedPage[], bytes = 0): Promise<void> {
  const folders = new Set(pages.map((page) => dirname(join(folder, page.id))));
  for (const each of folders) await mkdir(each, { recursive: true });
  const limit = pLimit(AT_ONCE);
  const images = new Map<string, Buffer>();
  const imageOf = ({ width, height }: SimulatedPage): Buffer => {
    const known = images.get(`${width}x${height}`) ?? blackPng(width, height, bytes);
    images.set(`${width}x${height}`, known);
    return known;
  };
  await Promise.all(pages.map((page) => limit(() => writeFile(join(folder, page.id), imageOf(page)))));
}

/** Ids of the pages that have no output, or another one than the simulated translator would have made. */
export async function lostPages(
  input: string,
  output: string,
  pages: readonly SimulatedPage[],
): Promise<string[]> {
  const limit = pLimit(AT_ONCE);
  const lost = await Promise.all(
    pages.map(({ id }) =>
      limit(async () => {
        const [page, translated] = await Promise.all([
          readFile(join(input, id)),
          readFile(join(output, id)).catch(() => undefined),
        ]);
        return translated?.subarray(0, -1).equals(page) ? [] : [id];
      }),
    ),
  );
  return lost.flat();
}

/** Cuts a page's end off, as a broken download does. */
export async function breakPage(folder: string, id: string): Promise<void> {
  const path = join(folder, id);
  const page = await readFile(path);
  await writeFile(path, page.subarray(0, page.length - 20));
}

function blackPng(width: number, height: number, bytes: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([1, 0, 0, 0, 0], 8);
  const rows = Buffer.alloc((Math.ceil(width / 8) + 1) * height);
  const body = deflateSync(rows, { level: 9 });
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    // Of no meaning to any reader.
    ...(bytes > 0 ? [chunk('paDd', Buffer.alloc(bytes))] : []),
    chunk('IDAT', body),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, body: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), body]);
  const framed = Buffer.alloc(8 + named.length);
  framed.writeUInt32BE(body.length, 0);
  framed.set(named, 4);
  framed.writeUInt32BE(crc32(named), 4 + named.length);
  return framed;
}
