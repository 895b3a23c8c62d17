import { closeSync, constants, openSync, type Stats, statSync } from 'node:fs';
import { errorCode } from '../model/error-code.ts';
import type { PageSize } from '../model/page.ts';
import { formatOf, type ImageFormat } from './image-format.ts';
import { measurePage } from './measure.ts';
import { whyNoPage } from './no-image-words.ts';
import { isLinksUnsupported, placePage } from './place-page.ts';
import { readHead, sampleOf } from './sample.ts';
import { type SourceSighting, sightingOf } from './source-sighting.ts';

/** A page to look at. */
export interface ProbeJob {
  readonly path: string;
  /** Where a link to the page (or its copy) is wanted; its folder is made. */
  readonly link?: string;
}

/** How to look at pages. */
export interface ProbeHow {
  /** Whether width and height are wanted too; otherwise only samples of a file are read. */
  readonly measure: boolean;
  /** A copy is wanted in place of each link. */
  readonly copy?: boolean;
}

/** What a page is before a worker sees it. `message` says why no worker is to get it. */
export type SourceProbe =
  | {
      readonly ok: true;
      readonly source: SourceSighting;
      readonly format: ImageFormat;
      /** Missing where it wasn't asked for or can't be read. */
      readonly size?: PageSize;
      /** What is at `link` now; missing where the file system has no links, or none was asked for. */
      readonly placed?: 'link' | 'copy';
    }
  /** `source`: the file that is there although it is no page. */
  | { readonly ok: false; readonly message: string; readonly source?: SourceSighting };

/**
 * Looks at one page with blocking calls, and links it where the job says. For worker threads: there a page costs a third of
 * what it costs through callbacks. An unreadable page is an answer; a link that fails for another reason than that
 * links don't exist here (no space left) throws.
 */
export function probeSource({ path, link }: ProbeJob, { measure, copy = false }: ProbeHow): SourceProbe {
  const found = lookAt(path, measure);
  if (!found.ok || link === undefined) return found;
  try {
    placePage({ source: path, link, copy });
    return { ...found, placed: copy ? 'copy' : 'link' };
  } catch (error) {
    if (!copy && isLinksUnsupported(error)) return found;
    if (copy && isOfSource(error)) return { ok: false, message: wordsOf(error) };
    throw error;
  }
}

function lookAt(path: string, measure: boolean): SourceProbe {
  try {
    const stats = statSync(path);
    const trouble = troubleWith(stats);
    if (trouble !== undefined) return { ok: false, message: trouble };
    if (stats.size === 0) return { ok: false, message: 'the file is empty', source: sightingOf(stats, 0) };
    return lookInto(path, stats, measure);
  } catch (error) {
    return { ok: false, message: wordsOf(error) };
  }
}

function troubleWith(stats: Stats): string | undefined {
  if (stats.isDirectory()) return 'not a file but a link to a folder whose name ends like an image';
  return stats.isFile() ? undefined : 'not a file but a pipe, socket or device';
}

function lookInto(path: string, stats: Stats, measure: boolean): SourceProbe {
  // Should a pipe have taken the file's place meanwhile, opening it must not wait for a writer.
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const head = readHead(fd, stats.size);
    const format = formatOf(head);
    const source = sightingOf(stats, sampleOf(fd, { head, format, fileBytes: stats.size }));
    if (format === undefined) return { ok: false, message: whyNoPage(head, path), source };
    const size = measure ? measurePage(fd, { head, format, fileBytes: stats.size }) : undefined;
    return { ok: true, source, format, ...(size && { size }) };
  } finally {
    closeSync(fd);
  }
}

const WORDS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  ENOENT: 'no such file: it is gone, or a link that leads nowhere',
  ELOOP: 'a link that leads in a circle',
  EIO: 'the disk can not read it (input/output error)',
  ENAMETOOLONG: 'its path is too long',
  ESTALE: 'the network disk lost it (stale file handle)',
  ETIMEDOUT: 'the network disk did not answer',
};

/** Errors of the launcher itself, which say nothing about the page, are thrown on. */
function wordsOf(error: unknown): string {
  const code = errorCode(error);
  if (code === undefined || isOwnLimit(error)) throw error;
  return WORDS[code] ?? `can't be read: ${code}`;
}

/** True for an error that says nothing of the file: the launcher itself has no more memory, or files. */
export const isOwnLimit = (error: unknown): boolean =>
  ['EMFILE', 'ENFILE', 'ENOMEM'].includes(errorCode(error) ?? '');

/** A copy may fail for its source as well as for its target. */
const isOfSource = (error: unknown): boolean =>
  ['EIO', 'ESTALE', 'ETIMEDOUT'].includes(errorCode(error) ?? '');
