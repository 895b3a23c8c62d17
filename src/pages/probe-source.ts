import { type Stats, statSync } from 'node:fs';
import { errorCode } from '../model/error-code.ts';
import { isOwnLimit, patientlySync, readingTrouble, writingTrouble } from '../model/file-errors.ts';
import type { ArchiveEntry, PageSize, PageSource } from '../model/page.ts';
import { formatOf, type ImageFormat } from './image-format.ts';
import { measurePage } from './measure.ts';
import { whyNoPage } from './no-image-words.ts';
import { withFileSync } from './open-regular.ts';
import { isLinksUnsupported, placePage } from './place-page.ts';
import { RefusedName } from './refused-name.ts';
import { readHead, sampleOf } from './sample.ts';
import { hasStampOf, type SourceSighting, sightingOf } from './source-sighting.ts';
import { lookAtEntry } from './sources/look-at-entry.ts';
import { BrokenEntry } from './sources/read-entry.ts';
import { type Staged, type StageTarget, stageSource } from './stage-source.ts';

/** A page to look at. */
export interface ProbeJob extends PageSource {
  /** Where a link to the page (or its copy) is wanted; its folder is made. */
  readonly link?: string;
  /** Where a copy of the page is wanted that the link leads to, in place of the page. */
  readonly via?: string;
  /** Where the page is to be copied ahead of the workers, with no link; not for an entry of an archive. */
  readonly stage?: StageTarget;
  /** What an earlier look found: where the file has its size and times still, that is the answer. */
  readonly known?: GoodProbe;
}

/** How to look at pages. */
export interface ProbeHow {
  /** Whether width and height are wanted too; otherwise only samples of a file are read. */
  readonly measure: boolean;
  /** A copy is wanted in place of each link. */
  readonly copy?: boolean;
}

/** A page that a worker may get. */
export interface GoodProbe {
  readonly ok: true;
  readonly source: SourceSighting;
  readonly format: ImageFormat;
  /** Missing where it wasn't asked for or can't be read. */
  readonly size?: PageSize;
  /** What is at `link` now; missing where the file system has no links, or none was asked for. */
  readonly placed?: 'link' | 'copy';
  /** How long placing it took, in milliseconds. */
  readonly placingMs?: number;
  /** What came of staging it, where that was asked for. */
  readonly staged?: Staged;
}

/** What a page is before a worker sees it. `message` says why no worker is to get it. */
export type SourceProbe =
  | GoodProbe
  /** `source`: the file that is there although it is no page, or is a page that can't be placed at its `link`. */
  | {
      readonly ok: false;
      readonly message: string;
      readonly source?: SourceSighting;
      /** It is a page, and its name is what can't be placed. */
      readonly isRefused?: true;
    };

/**
 * Looks at one page with blocking calls, and links it where the job says. For worker threads: there a page costs a third of
 * what it costs through callbacks. An unreadable page is an answer, as is one whose name the disk of the link refuses; a link
 * that fails for another reason than that links don't exist here (no space left) throws.
 */
export function probeSource(
  { path, entry, link, via, stage, known }: ProbeJob,
  { measure, copy = false }: ProbeHow,
): SourceProbe {
  if (entry) return probeEntry(entry, { measure, link });
  const found = patient(() => lookAt(path, { measure, stage, known }));
  if (!found.ok || link === undefined) return found;
  try {
    const beganMs = performance.now();
    const by = placed({ source: path, link, via, copy });
    return { ...found, placed: by, placingMs: performance.now() - beganMs };
  } catch (error) {
    if (!copy && isLinksUnsupported(error)) return found;
    if (error instanceof RefusedName)
      return { ok: false, message: error.message, source: found.source, isRefused: true };
    if ((copy || via !== undefined) && isOfSource(error)) return { ok: false, message: wordsOf(error) };
    throw error;
  }
}

/** As `probeSource`, of an entry: where a link is wanted, its content is put there. */
function probeEntry(
  entry: ArchiveEntry,
  { measure, link }: { readonly measure: boolean; readonly link: string | undefined },
): SourceProbe {
  let content: Buffer | undefined;
  const found = patient(() => {
    const look = lookAtEntry(entry, { measure, isWhole: link !== undefined });
    content = look.content;
    return look.found;
  });
  if (!found.ok || link === undefined || content === undefined) return found;
  try {
    const beganMs = performance.now();
    placePage({ source: entry.archive.path, link, copy: true, content });
    return { ...found, placed: 'copy', placingMs: performance.now() - beganMs };
  } catch (error) {
    if (!(error instanceof RefusedName)) throw error;
    return { ok: false, message: error.message, source: found.source, isRefused: true };
  }
}

/** Some disks take no link that leads to so long a path, and its copy. */
function placed({
  via,
  ...page
}: Parameters<typeof placePage>[0] & { readonly via: string | undefined }): 'link' | 'copy' {
  try {
    if (via === undefined) {
      placePage(page);
      return page.copy ? 'copy' : 'link';
    }
    placePage({ ...page, link: via, copy: true });
    placePage({ ...page, source: via });
    return 'copy';
  } catch (error) {
    if (page.copy || errorCode(error) !== 'ENAMETOOLONG') throw error;
    placePage({ ...page, copy: true });
    return 'copy';
  }
}

function patient(look: () => SourceProbe): SourceProbe {
  try {
    return patientlySync(look);
  } catch (error) {
    return { ok: false, message: error instanceof BrokenEntry ? error.message : wordsOf(error) };
  }
}

interface Look {
  readonly measure: boolean;
  readonly stage: StageTarget | undefined;
  readonly known: GoodProbe | undefined;
}

function lookAt(path: string, look: Look): SourceProbe {
  const stats = statSync(path);
  if (look.known && hasStampOf(stats, look.known.source)) return look.known;
  const trouble = troubleWith(stats);
  if (trouble !== undefined) return { ok: false, message: trouble };
  if (stats.size === 0) return { ok: false, message: 'the file is empty', source: sightingOf(stats, 0) };
  return lookInto(path, stats, look);
}

function troubleWith(stats: Stats): string | undefined {
  if (stats.isDirectory()) return 'a link to a folder, with the name of an image';
  return stats.isFile() ? undefined : 'a pipe, socket or device, not a file';
}

function lookInto(path: string, stats: Stats, { measure, stage }: Look): SourceProbe {
  return withFileSync(path, { followLinks: true }, (fd) => {
    const head = readHead(fd, stats.size);
    const format = formatOf(head);
    const source = sightingOf(stats, sampleOf(fd, { head, format, fileBytes: stats.size }));
    if (format === undefined) return { ok: false, message: whyNoPage(head, path), source };
    const size = measure ? measurePage(fd, { head, format, fileBytes: stats.size }) : undefined;
    const staged = stage && stageSource(fd, stats, stage);
    return { ok: true, source, format, ...(size && { size }), ...(staged && { staged }) };
  });
}

/** Errors of the launcher itself, which say nothing about the page, are thrown on. */
function wordsOf(error: unknown): string {
  const code = errorCode(error);
  if (code === undefined || isOwnLimit(error)) throw error;
  return readingTrouble(error) ?? `can't be read: ${code}`;
}

/** A copy may fail for its source as well as for its target. */
const isOfSource = (error: unknown): boolean =>
  readingTrouble(error) !== undefined && writingTrouble(error) !== undefined;
