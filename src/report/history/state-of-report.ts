import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { usageError } from '../../model/refusal.ts';

/**
 * The folder that runs keep for themselves in an output.
 * @throws Refusal (2) where there is none, with where it may be instead
 */
export async function stateOf(output: string): Promise<string> {
  const state = path.join(output, '.mgpu');
  if (await exists(state)) return state;
  throw usageError(`${output}: no run ever wrote there: ${state} is missing`, await whereInstead(output));
}

/** The nearest output: the folder above, one next to it, or how to make one. */
async function whereInstead(output: string): Promise<string> {
  if (path.basename(output) === '.mgpu' && (await exists(output))) {
    return `name the output itself: mgpu-translate report ${path.dirname(output)}`;
  }
  for (let above = path.dirname(output); above !== path.dirname(above); above = path.dirname(above)) {
    if (await exists(path.join(above, '.mgpu', 'runs'))) return `did you mean ${above}?`;
  }
  const beside = [
    `${output}-translated`,
    ...(await foldersIn(output)),
    ...(await foldersIn(path.dirname(output))),
  ];
  for (const folder of beside) {
    if (await exists(path.join(folder, '.mgpu'))) return `did you mean ${folder}?`;
  }
  return (await exists(output))
    ? `is that the input? mgpu-translate run ${output}`
    : 'name the folder that a run wrote to: its --output, or INPUT-translated';
}

const foldersIn = async (folder: string): Promise<string[]> =>
  (await readdir(folder, { withFileTypes: true }).catch(() => []))
    .filter((entry) => entry.isDirectory())
    .slice(0, 100)
    .map(({ name }) => path.join(folder, name));

const exists = (file: string): Promise<boolean> =>
  stat(file).then(
    () => true,
    () => false,
  );
