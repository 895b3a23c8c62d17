import prettyBytes from 'pretty-bytes';
import { errorCode, errorMessage } from '../../model/error-code.ts';
import { writingTrouble } from '../../model/file-errors.ts';
import type { PageId } from '../../model/page.ts';
import type { Mount } from '../../pages/disk-kind.ts';
import type { ChosenPlace } from './stage-place.ts';

const NOT_WANTED = '(--stage off: not)';

/** The first pages showed that copying pays. */
export const turnedOn = (readSeconds: number, pageSeconds: number): string =>
  `Reading a page takes ${Math.round(readSeconds * 1000)} ms, ${Math.round((readSeconds * 100) / pageSeconds)} % of its time: pages are copied ahead of the workers from now on ${NOT_WANTED}.`;

/** The disk's type says that copying pays. */
export const slowDisk = ({ at, type }: Mount, { path, roomBytes }: ChosenPlace): string =>
  `The input is on ${type} (${at}): pages are copied to ${path} ahead of the workers, up to ${prettyBytes(roomBytes)} ${NOT_WANTED}.`;

/** Copies wait elsewhere than they should. */
export const insteadOf = ({ path, insteadOf: other }: ChosenPlace): string | undefined =>
  other &&
  `${other.path} has room for only ${prettyBytes(other.roomBytes)}: pages are copied to ${path} ahead of the workers.`;

/** No folder has room. */
export const nowhere = (places: readonly string[]): string =>
  `No room for copies of pages in ${places.join(' or ')}: pages are not copied ahead of the workers. Name another folder with --stage-folder.`;

/** Copying fails for all pages; by the error or its code. */
export function copyingFails(error: unknown, folder?: string): string {
  const code = typeof error === 'string' ? error : errorCode(error);
  const why = FORBIDDEN.has(code ?? '')
    ? 'permission denied'
    : (writingTrouble(error) ?? errorMessage(error));
  const where = folder === undefined ? '' : ` to ${folder}`;
  return `Pages can't be copied${where} any more (${why}): workers get the originals from now on.`;
}

/** Copies that waited are gone. */
export const copiesRemoved = (folder = 'the folder for copies'): string =>
  `${folder}: the copies of pages were removed by another program. Workers get the originals from now on.`;

const FORBIDDEN = new Set(['EACCES', 'EPERM']);

/** True for an error of the folder for copies that all pages would meet, by its code; any other is that of one name. */
export const isOfFolder = (code: string): boolean =>
  FORBIDDEN.has(code) || code === 'ENOENT' || writingTrouble(code) !== undefined;

/** A page is larger than all the room. */
export const pageTooLarge = (page: PageId, roomBytes: number): string =>
  `${page} is larger than the room for copies (${prettyBytes(roomBytes)}): its worker gets the original, as with any other such page.`;

/** Others could put something else in the place of a copy. */
export const exchangeable = (place: string, why: string): string =>
  `--stage-folder ${place} ${why}, who could replace pages: pages are not copied there. Choose a folder of your own.`;
