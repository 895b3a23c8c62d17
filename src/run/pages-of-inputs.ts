import type { Page } from '../model/page.ts';
import { type Refusal, usageError } from '../model/refusal.ts';
import type { RunOptions } from '../model/run-options.ts';
import { discoverPages } from '../pages/discover.ts';
import { IMAGE_SUFFIXES } from '../pages/image-format.ts';
import { scriptAmong } from '../pages/meant-otherwise.ts';
import {
  describeArchives,
  describeOthers,
  howToUnpack,
  NAME_OUTPUT,
  type Sightings,
} from '../pages/sightings.ts';
import type { ArchiveReading } from '../pages/sources/pages-of-archive.ts';
import type { LinkedFolder } from '../pages/subfolders.ts';
import { workFoldersIn } from '../store/outputs/old-work.ts';
import { wayInside } from '../store/outputs/run-folders.ts';
import type { Notice } from '../store/resume/resume-notices.ts';
import type { ResolvedRun } from './resolve-run.ts';

/**
 * Chunks of all pages in the inputs, in natural order, those of other parts among them: the page sorter leaves them out.
 * Once `stop` is aborted no further folder is read.
 * @throws Refusal (2) where outputs would go to where originals are: for the first chunk before anything is written
 */
export async function* pagesOfInputs(
  { inputs, folders, originals }: Pick<ResolvedRun, 'inputs' | 'folders' | 'originals'>,
  { include, exclude }: Pick<RunOptions, 'include' | 'exclude'>,
  seen: Sightings,
  { archives, stop }: { readonly archives?: ArchiveReading | undefined; readonly stop?: AbortSignal } = {},
): AsyncGenerator<Page[]> {
  const leaveOut: string[] = [];
  for (const folder of [folders.output, ...(await workFoldersIn(folders))]) {
    // What lies around the input would leave out the input itself.
    if ((await wayInside(folder, inputs.root)) === undefined) leaveOut.push(folder);
  }
  const onLinkedFolder = ({ id, real, isLeftOut }: LinkedFolder): void =>
    isLeftOut ? originals.linkIntoOutput(id) : originals.addTree(real);
  const chunks = discoverPages({
    ...inputs,
    leaveOut,
    include,
    exclude,
    archives,
    seen,
    stop,
    onLinkedFolder,
  });
  for await (const chunk of chunks) {
    await originals.assertApart(chunk);
    yield chunk;
  }
}

/** What the walk saw that its user should put right; known once all pages are found. */
export function noticesOfWalk(seen: Sightings): Notice[] {
  const archives = describeArchives(seen);
  return [
    ...seen.unmatched.map((option): Notice => ({ level: 'warn', text: `${option} matched no page.` })),
    ...(archives === undefined ? [] : [{ level: 'warn', text: archives } as const]),
    ...seen.inArchives.map((text): Notice => ({ level: 'warn', text })),
  ];
}

/** The refusal of a run that has no page: what was seen instead. */
export function noPages({ inputs }: Pick<ResolvedRun, 'inputs'>, seen: Sightings): Refusal {
  const where = inputs.singleFolder ?? 'the inputs';
  const files = inputs.entries.flatMap(({ kind, path }) => (kind === 'file' ? [path] : []));
  return usageError(
    `no page images in ${where}; found there: ${describeOthers(seen)}`,
    scriptAmong(files) ?? wayToPages(seen),
  );
}

function wayToPages(seen: Sightings): string {
  const isUnmatched = seen.filtered > 0 && seen.unmatched.length > 0;
  const unmatched = isUnmatched ? [`${seen.unmatched.join(' ')} matched no page`] : [];
  const hints = [...unmatched, ...(seen.earlierOutputs.length > 0 ? [NAME_OUTPUT] : [])];
  if (hints.length > 0) return hints.join('; ');
  const unpack = howToUnpack(seen);
  return `pages end in ${IMAGE_SUFFIXES.join(' ')}${unpack === undefined ? '' : `; ${unpack}`}`;
}
