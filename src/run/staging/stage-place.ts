import { statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { type DiskKind, diskOf, kindOfDisk } from '../../pages/disk-kind.ts';

/** A folder that copies could wait in. */
export interface StagePlace {
  readonly path: string;
  readonly kind: DiskKind;
  /** What is in it takes main memory. */
  readonly isMemory: boolean;
  readonly freeBytes: number;
}

/** What copies may take besides a place's own limits. */
export interface StageLimits {
  readonly sizeBytes: number | undefined;
  /** Of the machine, or of the container that this process is in. */
  readonly freeMemoryBytes: number;
}

/** The folder that is chosen, and how much copies may take there. */
export interface ChosenPlace {
  readonly path: string;
  readonly roomBytes: number;
  /** A folder that would have been better, and the room that it has. */
  readonly insteadOf?: { readonly path: string; readonly roomBytes: number };
}

const SHARED_MEMORY = '/dev/shm';
/** Memory file systems, by the number of their type. */
const TMPFS = 0x01021994;
const RAMFS = 0x858458f6;
/** With less room, a folder that the user did not name is not worth it. */
const LEAST_BYTES = 16 * 1000 * 1000;

/** What copies may take in a place, in bytes. */
export function roomIn(
  { freeBytes, isMemory }: StagePlace,
  { sizeBytes = Number.POSITIVE_INFINITY, freeMemoryBytes }: StageLimits,
): number {
  const ofMemory = isMemory ? freeMemoryBytes / 4 : Number.POSITIVE_INFINITY;
  return Math.max(0, Math.floor(Math.min(sizeBytes, freeBytes / 2, ofMemory)));
}

/** The first of these places that is local and has room; a folder that the user named is taken as it is. */
export function choosePlace(
  places: readonly StagePlace[],
  { isNamed, ...limits }: StageLimits & { readonly isNamed: boolean },
): ChosenPlace | undefined {
  const least = isNamed ? 1 : Math.min(LEAST_BYTES, limits.sizeBytes ?? LEAST_BYTES);
  const usable = places
    .filter(({ kind }) => isNamed || kind === 'other')
    .map((place) => ({ path: place.path, roomBytes: roomIn(place, limits) }));
  const chosen = usable.find(({ roomBytes }) => roomBytes >= least);
  const [first] = usable;
  return chosen && { ...chosen, ...(first && first !== chosen && { insteadOf: first }) };
}

/** Where copies may wait: the folder that the user named, else memory, else the system's temporary folder. */
export const stagePlaces = (named: string | undefined): readonly string[] =>
  named === undefined ? [SHARED_MEMORY, tmpdir()] : [named];

/** What these folders are; those that are not there are left out. */
export async function lookAtPlaces(paths: readonly string[]): Promise<StagePlace[]> {
  const looked = await Promise.all(
    paths.map(async (path): Promise<StagePlace | undefined> => {
      const [space, disk] = await Promise.all([statfs(path).catch(() => undefined), diskOf(path)]);
      return (
        space && {
          path,
          kind: kindOfDisk(disk?.type ?? ''),
          isMemory: space.type === TMPFS || space.type === RAMFS,
          freeBytes: space.bavail * space.bsize,
        }
      );
    }),
  );
  return looked.filter((place) => place !== undefined);
}
