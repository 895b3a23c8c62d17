import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode, errorMessage } from '../../model/error-code.ts';
import { tooManyOpenFiles } from '../../model/open-files.ts';
import type { PageId } from '../../model/page.ts';
import { type Part, partFrom } from '../../model/part.ts';
import { cannotRun, type Refusal } from '../../model/refusal.ts';
import { type Folding, outputKey } from '../../pages/output-name.ts';
import {
  type ArchiveLine,
  type LedgerLine,
  type OutputNameLine,
  parseLedgerLine,
  type RefusedLine,
} from './ledger-line.ts';
import { readLines } from './read-lines.ts';

export { LedgerWriter } from './ledger-writer.ts';

/** What all ledgers of one output say together. */
export interface Ledgers {
  /** The last line of each page. */
  readonly pages: Map<PageId, LedgerLine>;
  /** Options by their hash, redacted, as far as they were noted. */
  readonly optionsByHash: Map<string, Readonly<Record<string, unknown>>>;
  /** How outputs were named, by the hash of the options: the last word of each. */
  readonly outputNames: Map<string, OutputNameLine>;
  /** Scripts that refused an argument, by the hash of the options: the last word of each. */
  readonly refusals: Map<string, RefusedLine>;
  /** The last line of each archive that was packed. */
  readonly archives: Map<PageId, ArchiveLine>;
  /** Lines that could not be read: torn, garbage, or of a later version. */
  readonly broken: number;
  /** Names of the ledgers that were there. */
  readonly files: readonly string[];
}

const LEDGER_NAME = /^ledger(?:\.([1-9]\d*)-of-([1-9]\d*))?\.ndjson$/;
/** No line of ours comes near it; what is longer is the rubbish of a broken disk. */
const LONGEST_LINE_BYTES = 4 * 1024 * 1024;

/** The ledger that a run writes: a part has its own. */
export const ledgerName = (part?: Part): string =>
  part ? `ledger.${part.index}-of-${part.of}.ndjson` : 'ledger.ndjson';

/** The part whose ledger has this name; `whole` for that of a whole run, undefined where it is no ledger's. */
export function partOfLedger(name: string): Part | 'whole' | undefined {
  const [found, index, of] = LEDGER_NAME.exec(name) ?? [];
  if (found === undefined) return undefined;
  return index === undefined ? 'whole' : partFrom(index, of);
}

/** True for the name of a whole run's ledger, or of a part's. */
export const isLedgerName = (name: string): boolean => partOfLedger(name) !== undefined;

/**
 * Reads all ledgers in `folder` (`OUTPUT/.mgpu`). Within a file the later line of a page wins, between files the one with
 * the later time. A folder that isn't there has no ledgers; broken lines are counted. Throws a Refusal where a ledger that
 * is there can't be read: going on without it would do every page again.
 */
export async function readLedgers(folder: string): Promise<Ledgers> {
  const files = await ledgersIn(folder);
  const pages = new Map<PageId, LedgerLine>();
  const optionsByHash = new Map<string, Readonly<Record<string, unknown>>>();
  const outputNames = new Map<string, OutputNameLine>();
  const refusals = new Map<string, RefusedLine>();
  const archives = new Map<PageId, ArchiveLine>();
  let broken = 0;
  for (const file of files) {
    // A map of its own for each file: a clock may step back within one, and there the order decides.
    const own = pages.size === 0 ? pages : new Map<PageId, LedgerLine>();
    const take = (text: string) => {
      const line = parseLedgerLine(text);
      if (line === undefined) broken += 1;
      else if (line.type === 'options') optionsByHash.set(line.hash, line.options);
      else if (line.type === 'output-name') keepLater(outputNames, line.options, line);
      else if (line.type === 'refused-argument') keepLater(refusals, line.options, line);
      else if (line.type === 'archive') keepLater(archives, line.archive, line);
      else own.set(line.page, line);
    };
    const onTooLong = () => {
      broken += 1;
    };
    const path = join(folder, file);
    try {
      const chunks = readLines(path, { longestBytes: LONGEST_LINE_BYTES, onTooLong });
      for await (const lines of chunks) for (const line of lines) take(line);
    } catch (error) {
      throw unreadable(path, error);
    }
    if (own !== pages) for (const line of own.values()) keepLater(pages, line.page, line);
  }
  return { pages, optionsByHash, outputNames, refusals, archives, broken, files };
}

/** Tells whose output stands at a path (relative to the output root), as far as the ledgers know. */
export function outputOwners(
  pages: ReadonlyMap<PageId, LedgerLine>,
  folding: Folding,
): (outputPath: string) => PageId | undefined {
  const owners = new Map<string, PageId>();
  for (const { output, page } of pages.values()) {
    if (output) owners.set(outputKey(output.path, folding), page);
  }
  return (outputPath) => owners.get(outputKey(outputPath, folding));
}

function keepLater<L extends { readonly time: string }>(lines: Map<string, L>, key: string, line: L): void {
  const known = lines.get(key);
  if (known === undefined || Date.parse(line.time) >= Date.parse(known.time)) lines.set(key, line);
}

async function ledgersIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).filter(isLedgerName).sort();
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw unreadable(folder, error);
  }
}

const unreadable = (path: string, error: unknown): Refusal =>
  tooManyOpenFiles(error) ??
  cannotRun(
    `the ledger ${path}, which lists the pages that are done, can't be read: ${errorMessage(error)}`,
    'fix that, then run the same command again',
  );
