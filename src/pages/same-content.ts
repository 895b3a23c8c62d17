import type { PageSource } from '../model/page.ts';
import { crcOfFile } from './source-crc.ts';

/** True where a file of `bytes` bytes has the content of a page that is as long; false where one of them can't be read. */
export async function isContentOf(
  { path, entry }: PageSource,
  file: string,
  bytes: number,
): Promise<boolean> {
  if (!entry) return isSameContent(file, path, bytes);
  return hasContentOf({ path: file, bytes }, entry);
}

/** True where two files of `bytes` bytes have the same content; false where one of them can't be read. */
async function isSameContent(one: string, other: string, bytes: number): Promise<boolean> {
  const crcs = await Promise.all([crcOfFile(one, bytes), crcOfFile(other, bytes)]).catch(() => undefined);
  return crcs !== undefined && crcs[0] === crcs[1];
}

/** True where a file has the content that was seen; it is read only where its size is the same. */
export const hasContentOf = async (
  file: { readonly path: string; readonly bytes: number },
  seen: { readonly bytes: number; readonly crc32: number },
): Promise<boolean> =>
  file.bytes === seen.bytes && (await crcOfFile(file.path, file.bytes).catch(() => undefined)) === seen.crc32;
