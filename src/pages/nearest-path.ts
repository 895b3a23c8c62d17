import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { nearest } from '../model/nearest.ts';
import { isLeftOutName } from './left-out-names.ts';

/** Nobody means a path of which more folders are missing. */
const MOST_MISSING = 16;

/**
 * `did you mean ./input?`: the nearest name beside the first missing part of a path, which was given as `input`; undefined where
 * none is near.
 */
export async function nearestPath(
  absolute: string,
  input: string,
  missing = MOST_MISSING,
): Promise<string | undefined> {
  const folder = path.dirname(absolute);
  const names = await readdir(folder).catch(() => undefined);
  if (names === undefined && (folder === absolute || missing === 0)) return undefined;
  if (names === undefined) return nearestPath(folder, path.dirname(input), missing - 1);
  const name = nearest(
    path.basename(absolute),
    names.filter((one) => !isLeftOutName(one)),
  );
  if (name === undefined) return undefined;
  const parent = input.slice(0, Math.max(0, input.replace(/(?<!\/)\/+$/, '').lastIndexOf('/') + 1));
  return `did you mean ${parent}${name}?`;
}
