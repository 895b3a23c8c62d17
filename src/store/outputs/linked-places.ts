import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { hasImageSuffix } from '../../pages/image-format.ts';
import { realPathOf } from '../../pages/linked-folders.ts';
import { mapLimited } from '../../pages/map-limited.ts';
import { kindOf } from '../../pages/path-kind.ts';
import { joinRaw, keyOf, type RawPath } from '../../pages/raw-path.ts';
import { leadsIntoInput, type Originals } from './originals.ts';

const FOLDERS_AT_ONCE = 8;

/** Where pages go, and where they come from. */
interface Mirror {
  readonly output: string;
  /** The input root: what has no folder there gets no page. */
  readonly root: string;
  readonly originals: Originals;
}

/**
 * Looks for links in an output folder that lead to originals, in those of its folders that pages go to. A link is no harm
 * where no page goes. `real` is the output's real path. @throws Refusal (exit 2)
 */
export const assertNoLinkIntoOriginals = (mirror: Mirror, real: RawPath): Promise<void> =>
  lookIn({ id: '', real }, { ...mirror, walked: new Set([keyOf(real)]) });

async function lookIn(
  folder: { readonly id: string; readonly real: RawPath },
  walk: Mirror & { readonly walked: Set<string> },
): Promise<void> {
  const { output, root, originals, walked } = walk;
  const entries = await readdir(path.join(output, folder.id), { withFileTypes: true }).catch(() => []);
  const folders = entries.filter(
    (entry) =>
      !entry.name.startsWith('.') &&
      (entry.isDirectory() || (entry.isSymbolicLink() && !hasImageSuffix(entry.name))),
  );
  await mapLimited(folders, FOLDERS_AT_ONCE, async (entry) => {
    const id = path.join(folder.id, entry.name);
    if ((await kindOf(path.join(root, id)).catch(() => 'missing')) !== 'folder') return;
    const isLink = entry.isSymbolicLink();
    const place = path.join(output, id);
    const real = isLink ? await realPathOf(place) : joinRaw(folder.real, entry.name);
    const holder = isLink ? await originals.holderOf(real) : undefined;
    if (holder !== undefined) throw leadsIntoInput(place, holder);
    if (walked.has(keyOf(real))) return;
    walked.add(keyOf(real));
    await lookIn({ id, real }, walk);
  });
}
