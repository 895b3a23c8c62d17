import path from 'node:path';
import type { OneShotContext } from './one-shot-context.ts';

/** One may be anything: so many have to be whole. */
export const ENOUGH_IMAGES = 2;
/** The last one may still be being written. */
export const MOST_LOOKED_AT = ENOUGH_IMAGES + 1;

/** True where enough of the images in a folder are whole by their formats' ends. */
export async function areWhole(
  { inspector }: Pick<OneShotContext, 'inspector'>,
  folder: string,
  images: readonly string[],
): Promise<boolean> {
  if (images.length < ENOUGH_IMAGES) return false;
  const some = images.slice(0, MOST_LOOKED_AT).map((name) => path.join(folder, name));
  const whole = (await inspector.verify(some)).filter(
    ({ verdict }) => 'whole' in verdict && verdict.whole && verdict.endChecked,
  );
  return whole.length >= ENOUGH_IMAGES;
}
