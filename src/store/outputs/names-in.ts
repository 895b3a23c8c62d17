import { readdir } from 'node:fs/promises';
import { unlessOutOfFiles } from '../../model/open-files.ts';

/**
 * The names in a folder; none where it is gone, or may not be read.
 * @throws Refusal (3) where no more files can be opened: then nothing is known of the folder
 */
export const namesIn = (folder: string): Promise<string[]> => readdir(folder).catch(unlessOutOfFiles([]));
