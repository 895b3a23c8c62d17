import { cp, mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Launcher, Place } from './rig.ts';
import { warmPlace } from './warm.ts';

const FAKE_PACKAGE = path.resolve(import.meta.dirname, '../fixtures/fake-manga-translator');

/** A fake manga-image-translator that has no models yet. */
export async function mangaPlace(pages: readonly string[], gpus: number): Promise<Place> {
  const place = await warmPlace({ pages, gpus });
  await cp(FAKE_PACKAGE, place.path('checkout'), { recursive: true });
  await mkdir(place.path('checkout/models'));
  return place;
}

export const startManga = (
  place: Place,
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Launcher =>
  place.start({
    args: ['-t', 'checkout', ...args],
    env: {
      FAKE_MANGA_CUDA: '1',
      FAKE_MANGA_DOWNLOAD_SECONDS: '0.3',
      FAKE_MANGA_PAGE_SECONDS: '0.02',
      ...env,
    },
  });
