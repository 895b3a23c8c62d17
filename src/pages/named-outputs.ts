import path from 'node:path';
import type { EarlierOutputs } from './earlier-outputs.ts';
import { isWithin } from './linked-folders.ts';
import { mapLimited } from './map-limited.ts';
import { withoutArchiveSuffix } from './sources/archive-directory.ts';

const LOOKS_AT_ONCE = 64;
const OUTPUT_OF = '-translated';
const INCOMPLETE = /\.incomplete$/;

/** A folder or a file that was named, by its absolute path. */
interface Named {
  readonly path: string;
  readonly kind: 'folder' | 'file';
}

/** Outputs of earlier runs that were named among other inputs, by their paths. */
export interface NamedOutputs {
  /** What they were made from is an input too: a shell's pattern named both. */
  readonly leftOut: readonly string[];
  /** They are inputs. */
  readonly taken: readonly string[];
}

/**
 * Finds earlier runs' outputs among inputs that were named. One that is named alone is meant, and so is what the run writes to:
 * `output`, which is left out anyway. Never rejects.
 */
export async function namedOutputs(
  named: readonly Named[],
  { outputs, output }: { readonly outputs: EarlierOutputs; readonly output: string | undefined },
): Promise<NamedOutputs> {
  if (named.length < 2) return { leftOut: [], taken: [] };
  const others = named.filter((entry) => output === undefined || !isWithin(entry.path, output));
  const areOutputs = await mapLimited(others, LOOKS_AT_ONCE, (entry) => isOutput(entry, outputs));
  const found = others.filter((_, at) => areOutputs[at]).map((entry) => entry.path);
  const sources = new Set(named.map((entry) => withoutArchiveSuffix(entry.path)));
  const hasSource = (where: string): boolean => {
    const stem = stemOf(where);
    // Nobody means an archive that waits for the rest of its pages.
    return (
      INCOMPLETE.test(withoutArchiveSuffix(where)) ||
      (stem.endsWith(OUTPUT_OF) && sources.has(stem.slice(0, -OUTPUT_OF.length)))
    );
  };
  return { leftOut: found.filter(hasSource), taken: found.filter((where) => !hasSource(where)) };
}

const isOutput = ({ path: where, kind }: Named, outputs: EarlierOutputs): Promise<boolean> =>
  kind === 'folder' ? outputs.isOne(where) : outputs.isPacked(where);

const stemOf = (where: string): string => withoutArchiveSuffix(where).replace(INCOMPLETE, '');

const NAMED = 3;

/** Says of outputs that they are inputs; undefined where there are none. */
export function takenOutputsNotice(taken: readonly string[]): string | undefined {
  if (taken.length === 0) return undefined;
  const names = taken.slice(0, NAMED).map((where) => path.basename(where));
  const which = `${names.join(', ')}${taken.length > NAMED ? ', …' : ''}`;
  return `Among the inputs is what an earlier run wrote (${which}): it is translated again, as it was named. Leave it out if a shell's pattern (*) named it.`;
}
