import { constants } from 'node:fs';
import { rename, stat } from 'node:fs/promises';
import { removeFile } from '../model/remove-file.ts';
import { NotRegular, openRegular } from '../pages/open-regular.ts';

/** Never what somebody else has put there before. */
const ANEW = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL;

/**
 * Writes texts to a file that is there under its name once it is whole; `unfinished` is its name until then.
 * @throws NotRegular where a device or a FIFO has that name, which no file may replace; what the file system or `texts` throws
 */
export async function replaceFile(
  file: string,
  texts: AsyncIterable<string>,
  unfinished = `${file}.${process.pid}.part`,
): Promise<void> {
  const there = await stat(file).catch(() => undefined);
  if (there && !there.isFile() && !there.isDirectory()) throw new NotRegular('a device, a FIFO or a socket');
  // Of a process that was killed.
  await removeFile(unfinished);
  try {
    const handle = await openRegular(unfinished, { flags: ANEW });
    try {
      for await (const text of texts) await handle.writeFile(text);
    } finally {
      await handle.close();
    }
    await rename(unfinished, file);
  } catch (error) {
    await removeFile(unfinished);
    throw error;
  }
}
