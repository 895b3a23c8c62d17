import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Scene } from '../scene.ts';
import type { Violation } from '../violation.ts';

/** The input holds what chaos left there, byte by byte, and nothing else. */
export async function checkOriginals({ book }: Scene): Promise<Violation[]> {
  const wrong: string[] = [];
  for (const id of book.ids) {
    const { content } = book.of(id);
    const found = await readFile(join(book.input, id)).catch(() => null);
    if (content === null ? found !== null : !found?.equals(content)) wrong.push(`${id} is not what it was`);
  }
  for (const name of await readdir(book.input, { recursive: true })) {
    const isFile = (await stat(join(book.input, name))).isFile();
    if (isFile && !book.has(name)) wrong.push(`${name} was put there`);
  }
  return wrong.map((text) => ({ check: 'original', text }));
}
