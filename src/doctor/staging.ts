import path from 'node:path';
import prettyBytes from 'pretty-bytes';
import type { StageMode } from '../model/run-options.ts';
import type { Mount } from '../pages/disk-kind.ts';
import type { InputEntry } from '../pages/inputs.ts';
import { durationText } from '../report/format.ts';
import { longestStagedSeconds } from '../run/staging/stage-decision.ts';
import { chosenOf, slowDiskOf } from '../run/staging/stage-of-run.ts';
import { type ChosenPlace, stagePlaces } from '../run/staging/stage-place.ts';
import type { DoctorContext } from './context.ts';
import { type Finding, fine, warning } from './finding.ts';

const CHECK = 'staging';
const NOT_COPIED = 'pages are not copied ahead of the workers';

/** What is known of the input and of the folder for copies. */
export interface StagingSeen {
  readonly mode: StageMode;
  readonly slow: Mount | undefined;
  /** What it took to read a page; undefined where none could be read. */
  readonly readSeconds: number | undefined;
  readonly chosen: ChosenPlace | undefined;
  readonly places: readonly string[];
}

/** Whether a run would copy pages ahead of the workers, and where to. */
export async function checkStaging(
  entries: readonly InputEntry[],
  readSeconds: number | undefined,
  { options, cwd }: Pick<DoctorContext, 'options' | 'cwd'>,
): Promise<Finding> {
  const { stage: mode, stageFolder } = options;
  const places = stagePlaces(stageFolder === undefined ? undefined : path.resolve(cwd, stageFolder));
  return stagingOf({
    mode,
    slow: await slowDiskOf(entries),
    readSeconds,
    chosen: await chosenOf(places, options, stageFolder !== undefined),
    places,
  });
}

/** What follows from that; pure. */
export function stagingOf({ mode, slow, readSeconds, chosen, places }: StagingSeen): Finding {
  if (mode === 'off') return fine(CHECK, `${NOT_COPIED} (--stage off)`);
  if (!chosen)
    return warning(
      CHECK,
      `${NOT_COPIED}: no room in ${places.join(' or ')}`,
      'name a folder with --stage-folder',
    );
  const copied = `pages are copied to ${chosen.path} ahead of the workers, up to ${prettyBytes(chosen.roomBytes)}`;
  if (mode === 'on') return fine(CHECK, `${copied} (--stage on)`);
  if (slow) return fine(CHECK, `the input is on ${slow.type} (${slow.at}): ${copied}`);
  if (readSeconds === undefined)
    return fine(CHECK, 'the first pages of a run decide whether pages are copied');
  const longest = longestStagedSeconds(readSeconds);
  const read = `reading a page takes ${(readSeconds * 1000).toFixed(1)} ms`;
  return longest === undefined
    ? fine(CHECK, `${read}: ${NOT_COPIED}`)
    : fine(CHECK, `${read}: where translating one takes less than ${durationText(longest)}, ${copied}`);
}
