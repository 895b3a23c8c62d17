import path from 'node:path';
import { freeMainMemory } from '../../devices/main-memory.ts';
import type { Page } from '../../model/page.ts';
import { diskOf, kindOfDisk, type Mount } from '../../pages/disk-kind.ts';
import { Inspector } from '../../pages/inspector.ts';
import { makeFolder, removeEmpty } from '../../pages/make-folder.ts';
import { removeDeadStages, StageFolder, whyExchangeable } from '../../store/outputs/stage-folder.ts';
import type { SlotsAtWork } from '../slots-at-work.ts';
import { Stage } from './stage.ts';
import { type ChosenPlace, choosePlace, lookAtPlaces, stagePlaces } from './stage-place.ts';
import type { OpenedStage } from './stage-setup.ts';
import { exchangeable, insteadOf, nowhere, slowDisk } from './stage-words.ts';

/** One thread a copy; each takes 10 MB. */
const MOST_AT_ONCE = 16;
const LEAST_AT_ONCE = 4;
/** Inputs whose disks are looked at. */
const MOST_INPUTS = 16;

/** What a run knows of its workers. */
interface Workers {
  readonly upcoming: (most: number) => readonly Page[];
  readonly arrived?: (page: Page) => void;
  /** They may not see what is outside of the folders that their command names. */
  readonly areContained: boolean;
}

/** The stage of a run; undefined where no page is to be copied ahead. Removes what killed runs left, whatever comes of it. */
export async function openStage(
  work: SlotsAtWork,
  { areContained, ...workers }: Workers,
): Promise<Stage | undefined> {
  const { options, resolved, emit, stop, inspector, heartbeatMs } = work;
  const { stage: mode, stageFolder } = options;
  const isNamed = stageFolder !== undefined;
  const named = path.resolve(work.cwd, stageFolder ?? '');
  const places = stagePlaces(isNamed ? named : undefined);
  // Nobody waits for it.
  void removeDeadStages(places);
  if (mode === 'off') return undefined;
  // A copy of each page is made anyway, or workers may not see copies elsewhere.
  if (mode === 'auto' && (areContained || options.link === 'copy')) return undefined;
  const slow = mode === 'on' ? undefined : await slowDiskOf(resolved.inputs.entries);
  const tell = (level: 'info' | 'warn', text: string): void => emit({ type: 'notice', level, text });
  const atOnce = Math.min(MOST_AT_ONCE, Math.max(LEAST_AT_ONCE, resolved.slots.length));
  const stage: Stage = new Stage({
    ...workers,
    isWanted: mode === 'on' || slow !== undefined,
    inspector,
    openInspector: () => new Inspector(undefined, { mostThreads: atOnce, jobsAtOnce: 1, isEager: true }),
    atOnce,
    openFolder: async (): Promise<OpenedStage | undefined> => {
      const made = isNamed ? await makeFolder(named) : undefined;
      const chosen = await chosenOf(places, options, isNamed);
      if (!chosen) {
        tell('warn', nowhere(places));
        return undefined;
      }
      const others = await whyExchangeable(chosen.path);
      if (others !== undefined) {
        tell('warn', exchangeable(chosen.path, others));
        return undefined;
      }
      const folder = await StageFolder.open({
        place: chosen.path,
        run: resolved.run,
        onLost: () => stage.lose(),
        touchEveryMs: heartbeatMs,
      });
      const text = slow ? slowDisk(slow, chosen) : insteadOf(chosen);
      if (text !== undefined) tell('info', text);
      const close = async (): Promise<void> => {
        await folder.close();
        await removeEmpty(named, made);
      };
      return { path: folder.path, roomBytes: chosen.roomBytes, close };
    },
    tell,
    stop: stop.drain,
  });
  return stage;
}

/** The first disk of the input that is a network's, or has a program behind it; undefined where none is. */
export async function slowDiskOf(entries: readonly { readonly path: string }[]): Promise<Mount | undefined> {
  const mounts = await Promise.all(entries.slice(0, MOST_INPUTS).map((entry) => diskOf(entry.path)));
  return mounts.find((mount) => mount !== undefined && kindOfDisk(mount.type) !== 'other');
}

/** Where copies would wait now. */
export async function chosenOf(
  places: readonly string[],
  { stageSizeBytes: sizeBytes }: { readonly stageSizeBytes?: number },
  isNamed: boolean,
): Promise<ChosenPlace | undefined> {
  const limits = { sizeBytes, freeMemoryBytes: freeMainMemory() };
  return choosePlace(await lookAtPlaces(places), { ...limits, isNamed });
}
