import { randomUUID } from 'node:crypto';
import { rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { encodePng } from '../pages/encode-png.ts';
import { makeFolder } from '../pages/make-folder.ts';
import { drawPage } from './draw-page.ts';

const CHAPTERS = [1, 2];
const PAGES = [1, 2, 3, 4, 5, 6];

/**
 * Draws two chapters of six pages below `folder`, those that are missing there: whoever damaged one to see what happens keeps
 * it. Gives the paths of all twelve, relative to `folder`. @throws what the file system throws
 */
export async function drawSamplePages(folder: string): Promise<string[]> {
  const paths: string[] = [];
  for (const chapter of CHAPTERS) {
    await makeFolder(path.join(folder, `chapter-${chapter}`));
    for (const page of PAGES) {
      const name = `chapter-${chapter}/${String(page).padStart(3, '0')}.png`;
      paths.push(name);
      if (await isThere(path.join(folder, name))) continue;
      await writeWhole(path.join(folder, name), encodePng(drawPage(chapter, page)));
      // A page takes a tenth of a second: signals are heard between two.
      await turn();
    }
  }
  return paths;
}

const isThere = (file: string): Promise<boolean> =>
  stat(file).then(
    () => true,
    () => false,
  );

/** Renamed into place: a drawing that is interrupted leaves no half of a page, which the next one would take for a whole. */
async function writeWhole(file: string, content: Buffer): Promise<void> {
  const unfinished = path.join(path.dirname(file), `.${randomUUID()}.tmp`);
  try {
    await writeFile(unfinished, content, { flag: 'wx' });
    await rename(unfinished, file);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
}
