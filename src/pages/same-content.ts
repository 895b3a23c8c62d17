import { crcOfFile } from './source-crc.ts';

/** True where two files of `bytes` bytes have the same content; false where one of them can't be read. */
export async function isSameContent(one: string, other: string, bytes: number): Promise<boolean> {
  const crcs = await Promise.all([crcOfFile(one, bytes), crcOfFile(other, bytes)]).catch(() => undefined);
  return crcs !== undefined && crcs[0] === crcs[1];
}

/** True where a file has the content that was seen; it is read only where its size is the same. */
export const hasContentOf = async (
  file: { readonly path: string; readonly bytes: number },
  seen: { readonly bytes: number; readonly crc32: number },
): Promise<boolean> =>
  file.bytes === seen.bytes && (await crcOfFile(file.path, file.bytes).catch(() => undefined)) === seen.crc32;
