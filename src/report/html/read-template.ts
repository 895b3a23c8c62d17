import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readRegular } from '../../pages/open-regular.ts';

/** Beside the bundle; of the sources, where the build puts it. */
const PLACES = ['./report-page.html', '../../../dist/report-page.html'];
const MOST_BYTES = 4_000_000;

/** The page that a report's data is put into. @throws Error where the program was not built */
export async function readTemplate(): Promise<string> {
  const files = PLACES.map((place) => fileURLToPath(new URL(place, import.meta.url)));
  const file = files.find((each) => existsSync(each));
  if (file === undefined) throw new Error(`${files[0]} is missing: the program was not built`);
  return readRegular(file, { maxBytes: MOST_BYTES, followLinks: true });
}
