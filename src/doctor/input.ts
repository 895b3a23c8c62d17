import prettyBytes from 'pretty-bytes';
import type { Page } from '../model/page.ts';
import { Refusal } from '../model/refusal.ts';
import { openRegular } from '../pages/open-regular.ts';
import {
  describeArchives,
  describeOthers,
  earlierOutputsLeftOut,
  howToUnpack,
  NAME_OUTPUT,
  noSightings,
  type Sightings,
} from '../pages/sightings.ts';
import { pagesOfInputs } from '../run/pages-of-inputs.ts';
import type { DoctorContext } from './context.ts';
import { type Finding, fine, trouble, warning } from './finding.ts';
import type { ReadFolders } from './folders.ts';
import { checkStaging } from './staging.ts';

const CHECK = 'input';
const READ_FOR_MS = 1000;
const MOST_BYTES = 64 * 1024 * 1024;
const SLOW_BYTES_A_SECOND = 2 * 1000 * 1000;

/** Folders are counted for so long: a large tree on a network disk takes minutes. */
const WALK_FOR_MS = 3000;

/** Whether there are pages, how fast a sample of them is read, and whether archives lie there. */
export async function checkInput(
  { inputs, folders, originals, archives }: ReadFolders,
  context: Pick<DoctorContext, 'options' | 'cwd'>,
): Promise<Finding[]> {
  const seen = noSightings();
  const where = inputs.singleFolder ?? inputs.root;
  try {
    const all = { include: [], exclude: [] };
    let sample: Sample | undefined;
    let found = 0;
    let isCut = false;
    const untilMs = performance.now() + WALK_FOR_MS;
    for await (const pages of pagesOfInputs({ inputs, folders, originals }, all, seen, { archives })) {
      found += pages.length;
      sample ??= await readSome(filesOf(pages));
      isCut = performance.now() > untilMs;
      if (isCut) break;
    }
    const unread = describeArchives(seen);
    const outputs = earlierOutputsLeftOut(seen);
    if (sample) {
      return [
        speedOf(sample, { where, found, isCut }),
        await checkStaging(inputs.entries, secondsAFile(sample), context),
        ...(unread === undefined ? [] : [warning(CHECK, unread)]),
        ...(outputs === undefined ? [] : [fine(CHECK, outputs)]),
      ];
    }
  } catch (error) {
    if (error instanceof Refusal) return [trouble(CHECK, error.message, error.hint)];
    throw error;
  }
  return [
    trouble(CHECK, `no page images in ${where}; found there: ${describeOthers(seen)}`, wayToPages(seen)),
  ];
}

function wayToPages(seen: Sightings): string {
  const unpack = howToUnpack(seen);
  if (unpack !== undefined) return unpack;
  return seen.earlierOutputs.length > 0 ? NAME_OUTPUT : 'give the folder that holds the pages';
}

/** The files that hold the pages: archives hold many. */
function filesOf(pages: readonly Page[]): string[] {
  const readable = pages.filter((page) => page.unreadable === undefined);
  return [...new Set(readable.map(({ path, entry }) => entry?.archive.path ?? path))];
}

/** Pages that were read to see how fast that is. */
interface Sample {
  readonly files: number;
  readonly bytes: number;
  readonly seconds: number;
}

/** How fast the sample was read. `found`: pages that there are; `isCut`: there may be more. */
export function speedOf(
  { bytes, seconds, files }: Sample,
  { where, found, isCut }: { readonly where: string; readonly found: number; readonly isCut: boolean },
): Finding {
  const speed = bytes / Math.max(seconds, 1e-3);
  const all = `${isCut ? 'more than ' : ''}${found} page${found === 1 ? '' : 's'}`;
  const read = files === found && !isCut ? `read ${all}` : `read a sample, ${files} of ${all}`;
  const text = `${where}: ${read}, ${prettyBytes(bytes)}, at ${prettyBytes(speed)}/s`;
  // A few small files say nothing about a disk.
  return seconds > READ_FOR_MS / 2000 && speed < SLOW_BYTES_A_SECOND
    ? warning(CHECK, `${text}: a slow disk`, 'copy the pages to a local disk first')
    : fine(CHECK, text);
}

const secondsAFile = ({ files, seconds }: Sample): number | undefined =>
  files > 0 ? seconds / files : undefined;

async function readSome(paths: readonly string[]): Promise<Sample> {
  const began = performance.now();
  const buffer = Buffer.allocUnsafe(1024 * 1024);
  let [bytes, files] = [0, 0];
  for (const path of paths) {
    if (bytes >= MOST_BYTES || performance.now() - began > READ_FOR_MS) break;
    const file = await openRegular(path, { followLinks: true }).catch(() => undefined);
    if (file === undefined) continue;
    try {
      for (let read = 1; read > 0 && bytes < MOST_BYTES; bytes += read)
        read = (await file.read(buffer)).bytesRead;
      files += 1;
    } catch {
      // A page that can't be read is told of by the run, page by page.
    } finally {
      await file.close();
    }
  }
  return { bytes, seconds: (performance.now() - began) / 1000, files };
}
