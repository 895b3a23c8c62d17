import { crcOfFile } from './source-crc.ts';

/** True where two files of `bytes` bytes have the same content; false where one of them can't be read. */
export async function isSameContent(one: string, other: string, bytes: number): Promise<boolean> {
  const crcs = await Promise.all([crcOfFile(one, bytes), crcOfFile(other, bytes)]).catch(() => undefined);
  return crcs !== undefined && crcs[0] === crcs[1];
}
