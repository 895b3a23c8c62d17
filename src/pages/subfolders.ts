import type { EarlierOutputs } from './earlier-outputs.ts';
import { hasImageSuffix } from './image-format.ts';
import { isOfState, type Place, realPathOf, type WalkedFolders } from './linked-folders.ts';
import { mapLimited } from './map-limited.ts';
import type { PageFilter } from './page-filter.ts';
import { kindOf } from './path-kind.ts';
import { joinRaw, type RawPath } from './raw-path.ts';
import type { Listed } from './read-folder.ts';
import type { Sightings } from './sightings.ts';
import type { ArchiveReading } from './sources/pages-of-archive.ts';

const LINKS_AT_ONCE = 32;

/** A link to a folder that pages may come from. */
export interface LinkedFolder {
  readonly id: string;
  /** Without links. */
  readonly real: RawPath;
  readonly isLeftOut: boolean;
}

/** A walk over the inputs: what it knows, and what it has seen. */
export interface Walk {
  readonly filter: PageFilter;
  readonly folders: WalkedFolders;
  readonly outputs: EarlierOutputs;
  readonly seen: Sightings;
  readonly stop: AbortSignal | undefined;
  /** Where single files are left out, as they were named and as they really are. */
  readonly keptOut: readonly string[];
  readonly onLinkedFolder: (folder: LinkedFolder) => void;
  readonly archives: ArchiveReading | undefined;
}

/** A folder in a folder, ready to be walked when its turn comes. */
export interface Subfolder extends Place {
  readonly linked: boolean;
  /** A link to an earlier run's output, or into one. */
  readonly leadsToOutput?: boolean;
}

/** The folders below a folder, links to folders among them; undefined for those not to walk, and for dead links. */
export async function subfoldersOf(
  walk: Walk,
  place: Place,
  listed: readonly Listed[],
): Promise<Map<Listed, Subfolder | undefined>> {
  const candidates = listed.filter(
    ({ kind, written }) => kind === 'folder' || isPerhapsFolder(kind, written),
  );
  const found = await mapLimited(
    candidates,
    LINKS_AT_ONCE,
    async (entry): Promise<Subfolder | 'file' | undefined> => {
      const subfolder = { path: joinRaw(place.path, entry.name), id: idIn(place, entry.written) };
      if (entry.kind === 'folder') {
        return { ...subfolder, real: joinRaw(place.real, entry.name), linked: false };
      }
      const kind = await kindOf(subfolder.path);
      if (kind === 'dangling') walk.seen.deadLinks.push(subfolder.id);
      if (kind !== 'folder') return kind === 'dangling' ? undefined : 'file';
      const real = await realPathOf(subfolder.path);
      return { ...subfolder, real, linked: true, leadsToOutput: await leadsToOutput(walk, real) };
    },
  );
  const subfolders = new Map<Listed, Subfolder | undefined>();
  for (const [at, entry] of candidates.entries()) {
    const subfolder = found[at];
    if (subfolder !== 'file') subfolders.set(entry, isLeftOut(walk, subfolder) ? undefined : subfolder);
  }
  return subfolders;
}

function isLeftOut(walk: Walk, subfolder: Subfolder | undefined): boolean {
  if (subfolder === undefined || walk.filter.leavesOutFolder(subfolder.id)) return true;
  const { id, real, linked, leadsToOutput = false } = subfolder;
  // What a run keeps for itself is hidden, under the name of a link too.
  if (linked && isOfState(real)) {
    walk.seen.hidden++;
    return true;
  }
  if (walk.folders.keepsOut(real)) {
    if (linked) walk.onLinkedFolder({ id, real, isLeftOut: true });
    return true;
  }
  if (leadsToOutput) walk.seen.earlierOutputs.push(id);
  // One that was named, though an earlier run wrote to it, is walked by itself.
  return leadsToOutput || (!linked && walk.folders.isBase(real));
}

/** True for what a run wrote to and for what lies in it, but not for what an input lies in. */
async function leadsToOutput({ outputs, folders }: Walk, real: RawPath): Promise<boolean> {
  if (typeof real !== 'string') return outputs.isOne(real);
  return (await outputs.around(real, (folder) => !folders.holdsBase(folder))) !== undefined;
}

/** A link that ends like an image is taken for a page unseen: to look at 100,000 links would take seconds. */
const isPerhapsFolder = (kind: Listed['kind'], name: string): boolean =>
  kind === 'link' && !hasImageSuffix(name);

/** The id of what has this name in a folder. */
export const idIn = (place: Place, name: string): string => (place.id === '' ? name : `${place.id}/${name}`);
