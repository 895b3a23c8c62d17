import { rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import type { Part } from '../../model/part.ts';
import { readRegular } from '../../pages/open-regular.ts';
import { ownFileTrouble } from '../outputs/disk-errors.ts';

/** Whose overwriting it is: the options that shape the result, and the part. */
interface OverwriteMarker {
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
  { optionsHash, part }: OverwriteMarker,
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
 * @throws Refusal where the disk is the trouble, or something else stands where the file belongs
 */
export async function beginOverwriting(
  state: string,
  { now, ...whose }: OverwriteMarker & { readonly now: Date },
): Promise<string> {
  const known = await overwritingSince(state, whose);
  if (known !== undefined) return known;
  const since = now.toISOString();
  const file = fileOf(state, whose.part);
  const beside = `${file}.part`;
  const text = `${JSON.stringify({ v: 1, options: whose.optionsHash, since })}\n`;
  try {
    // What a killed run left, or somebody put there.
    await rm(beside, { force: true });
    await writeFile(beside, text, { flag: 'wx' });
  } catch (error) {
    throw ownFileTrouble(error, beside);
  }
  await rename(beside, file).catch((error: unknown) => {
    throw ownFileTrouble(error, file);
  });
  return since;
}

/**
 * Nothing is left to write over: the next `--overwrite all` begins anew.
 * @throws Refusal where the record can't be removed
 */
export async function endOverwriting(state: string, part: Part | undefined): Promise<void> {
  const file = fileOf(state, part);
  await rm(file, { force: true }).catch((error: unknown) => {
    throw ownFileTrouble(error, file);
  });
}

const fileOf = (state: string, part: Part | undefined): string =>
  path.join(state, part ? `overwrite.${part.index}-of-${part.of}.json` : 'overwrite.json');
