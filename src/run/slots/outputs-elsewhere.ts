import type { Dirent } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import path from 'node:path';
import { unlessOutOfFiles } from '../../model/open-files.ts';
import { cannotRun } from '../../model/refusal.ts';
import { hasImageSuffix } from '../../pages/image-format.ts';
import { STATE_FOLDER } from '../../pages/state-folder.ts';
import { isWorkOfRun } from '../../store/outputs/run-folders.ts';
import { isForResults, resultsAmongPages } from '../../workers/places-among-pages.ts';
import { areWhole, MOST_LOOKED_AT } from './are-whole.ts';
import type { LaidBatch } from './laid-batch.ts';
import type { OneShotContext } from './one-shot-context.ts';

type Batch = Pick<
  LaidBatch,
  'translator' | 'folder' | 'folders' | 'slot' | 'pages' | 'nameOf' | 'sourceBytes'
>;

/**
 * Whole images with pages' names that a child has written into a folder for results where it was started, since it began: their
 * paths from there. None where too few are, or somebody has said where its outputs are.
 */
export async function outputsElsewhere(
  run: Pick<OneShotContext, 'inspector' | 'naming'>,
  { translator, folder, folders, slot, pages, nameOf, sourceBytes }: Batch,
): Promise<readonly string[]> {
  if (!translator.guessesOutputs || run.naming.hasMade) return [];
  const { cwd } = translator.command(folders, slot);
  const began = await lstat(folder.recordFile).catch(() => undefined);
  if (!began) return [];
  const names = [...pages.keys()].map(nameOf);
  const results = resultsAmongPages({ pages: names, images: await imagesForResults(cwd) });
  const sources = new Set([...sourceBytes].map(([page, bytes]) => copyOf(nameOf(page), bytes)));
  const fresh: string[] = [];
  for (const name of results) {
    const found = await lstat(path.join(cwd, name)).catch(() => undefined);
    if (!found?.isFile() || found.ctimeMs < began.ctimeMs) continue;
    if (!sources.has(copyOf(name, found.size))) fresh.push(name);
    if (fresh.length >= MOST_LOOKED_AT) break;
  }
  return (await areWhole(run, cwd, fresh)) ? fresh : [];
}

/** What a file and a copy of it have in common: nobody has paid for a copy. */
const copyOf = (name: string, bytes: number): string => `${path.posix.basename(name)} ${bytes}`;

/** True where a child has made its pages elsewhere: the run ends, before they are paid for a second time. */
export async function tellElsewhere(
  run: Pick<OneShotContext, 'inspector' | 'naming' | 'fail'>,
  batch: Batch,
): Promise<boolean> {
  const { translator, folders, slot } = batch;
  const [first] = await outputsElsewhere(run, batch);
  if (first === undefined) return false;
  const { cwd } = translator.command(folders, slot);
  run.fail(
    cannotRun(
      `${translator.name} writes its pages to ${path.join(cwd, first)}, and nothing where outputs are expected: the run stops before pages are translated a second time`,
      "make it write into the folder for outputs that it is given ({output}); if these are not the translated pages, --outputs-in '{output}'",
    ),
  );
  return true;
}

/** Images in folders by whose names results are in them; none of what runs of the launcher keep there. */
async function imagesForResults(cwd: string): Promise<string[]> {
  const entries = await entriesOf(cwd);
  if (isOutputOfRun(entries)) return [];
  const named = entries.filter((entry) => entry.isDirectory() && isForResults(entry.name));
  return (await Promise.all(named.map(({ name }) => imagesBelow(cwd, name)))).flat();
}

async function imagesBelow(cwd: string, below: string): Promise<string[]> {
  if (isWorkOfRun(path.basename(below))) return [];
  const entries = await entriesOf(path.join(cwd, below));
  if (isOutputOfRun(entries)) return [];
  const found: string[] = [];
  for (const entry of entries) {
    const name = `${below}/${entry.name}`;
    if (entry.isDirectory()) found.push(...(await imagesBelow(cwd, name)));
    else if (hasImageSuffix(name)) found.push(name);
  }
  return found;
}

const isOutputOfRun = (entries: readonly Dirent[]): boolean =>
  entries.some(({ name }) => name === STATE_FOLDER);

const entriesOf = (folder: string): Promise<Dirent[]> =>
  readdir(folder, { withFileTypes: true }).catch(unlessOutOfFiles([]));
