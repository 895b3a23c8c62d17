import { stat } from 'node:fs/promises';
import path from 'node:path';
import { cannotRun } from '../../model/refusal.ts';
import type { Recipe } from './recipes.ts';

/** True for a folder that is a clone of the program. */
async function isProgram({ files }: Recipe, folder: string): Promise<boolean> {
  for (const file of files) {
    const oneOf = file.split('|').map((name) => stat(path.join(folder, name)).catch(() => undefined));
    if ((await Promise.all(oneOf)).every((found) => found === undefined)) return false;
  }
  return true;
}

/** Where a program is looked for that is named without a folder. */
const placesOf = ({ title, name }: Recipe, cwd: string): string[] => [
  cwd,
  ...new Set([title, name].map((folder) => path.join(cwd, folder))),
];

/** The folder of a program without being told: the current folder, or its clone there; undefined where it is in neither. */
export async function findAround(recipe: Recipe, cwd: string): Promise<string | undefined> {
  for (const place of placesOf(recipe, cwd)) if (await isProgram(recipe, place)) return place;
  return undefined;
}

/**
 * The program's folder, absolute: the one that was given, else the current folder or its clone there.
 * @throws Refusal (3) where it is not there
 */
export async function findProgramFolder(
  recipe: Recipe,
  given: string | undefined,
  cwd: string,
): Promise<string> {
  const { name, title, files } = recipe;
  const needed = files.map((file) => file.split('|')[0]).join(' and ');
  if (given === undefined) {
    const found = await findAround(recipe, cwd);
    if (found !== undefined) return found;
    throw cannotRun(
      `--translator ${name}: ${title} is neither the current folder nor in ${title} there`,
      `give the folder that it was cloned into: --translator ${name}:path/to/${title}`,
    );
  }
  const folder = path.resolve(cwd, given);
  if (await isProgram(recipe, folder)) return folder;
  const isThere = (await stat(folder).catch(() => undefined))?.isDirectory() === true;
  throw cannotRun(
    `--translator ${name}:${given}: ${isThere ? `no ${title} in that folder (${needed} is missing)` : 'no such folder'}`,
    `give the folder that ${title} was cloned into`,
  );
}
