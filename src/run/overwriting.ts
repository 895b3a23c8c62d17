import { rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { readRegular } from '../pages/open-regular.ts';
import type { Part } from '../part.ts';
import { diskTrouble } from './place.ts';

/** Whose overwriting it is: the options that shape the result, and the part. */
export interface Overwriting {
  readonly optionsHash: string;
  readonly part: Part | undefined;
}

const LONGEST_BYTES = 4096;
const record = z.object({ v: z.literal(1), options: z.string(), since: z.iso.datetime() });

/**
 * Since when `--overwrite all` has been going on with these options, as ISO time; undefined where none was interrupted.
 * `state` is `OUTPUT/.mgpu`. Writes nothing.
 */
export async function overwritingSince(
  state: string,
  { optionsHash, part }: Overwriting,
): Promise<string | undefined> {
  try {
    const found = record.parse(
      JSON.parse(await readRegular(fileOf(state, part), { maxBytes: LONGEST_BYTES })),
    );
    return found.options === optionsHash ? found.since : undefined;
  } catch {
    // Torn, unreadable or no file: to begin anew costs time, and never a page.
    return undefined;
  }
}

/**
 * Goes on with an interrupted `--overwrite all`, or notes that one begins now; returns since when it goes on, as ISO time.
 * @throws Refusal where the disk is the trouble
 */
export async function beginOverwriting(
  state: string,
  { now, ...whose }: Overwriting & { readonly now: Date },
): Promise<string> {
  const known = await overwritingSince(state, whose);
  if (known !== undefined) return known;
  const since = now.toISOString();
  const file = fileOf(state, whose.part);
  try {
    // What a killed run left, or somebody put there.
    await rm(`${file}.part`, { force: true });
    await writeFile(`${file}.part`, `${JSON.stringify({ v: 1, options: whose.optionsHash, since })}\n`, {
      flag: 'wx',
    });
    await rename(`${file}.part`, file);
  } catch (error) {
    throw diskTrouble(error, file);
  }
  return since;
}

/** Nothing is left to write over: the next `--overwrite all` begins anew. */
export async function endOverwriting(state: string, part: Part | undefined): Promise<void> {
  await rm(fileOf(state, part), { force: true });
}

const fileOf = (state: string, part: Part | undefined): string =>
  path.join(state, part ? `overwrite.${part.index}-of-${part.of}.json` : 'overwrite.json');
