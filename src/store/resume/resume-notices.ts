import type { PageId } from '../../model/page.ts';
import { differenceInWords } from '../ledger/options-hash.ts';
import type { Because } from './decide-page.ts';

/** Something for the user to know, and how much it matters. */
export interface Notice {
  readonly level: 'info' | 'warn';
  readonly text: string;
}

/** What was found, over all pages so far. */
export interface ResumeTally {
  readonly todo: Readonly<Partial<Record<Because, number>>>;
  readonly skipped: number;
  readonly adopted: number;
  readonly touchedUp: number;
  /** Pages made with other options and kept, by the hash of those. */
  readonly keptByHash: ReadonlyMap<string, number>;
  /** Pages to do of which there may be an output under another name, and the first of these. */
  readonly strays: number;
  readonly stray?: { readonly name: string; readonly page: PageId } | undefined;
}

type Options = Readonly<Record<string, unknown>>;

/** Words what was found when pages were sorted out: one line for each thing, with its count. */
export function resumeNotices(
  { todo, adopted, touchedUp, keptByHash, strays, stray }: ResumeTally,
  options: Options,
  optionsByHash: ReadonlyMap<string, Options>,
): Notice[] {
  const notices: Notice[] = [];
  if (keptByHash.size > 0) notices.push(keptWithOtherOptions(keptByHash, options, optionsByHash));
  if (touchedUp > 0) {
    const outputs = touchedUp === 1 ? '1 output has' : `${touchedUp} outputs have`;
    notices.push({
      level: 'warn',
      text: `${outputs} a different size than recorded, but ${touchedUp === 1 ? 'is' : 'are'} complete: kept as edited by hand.`,
    });
  }
  if (stray) {
    const pages = strays === 1 ? '1 page is' : `${strays} pages are`;
    notices.push({
      level: 'warn',
      text: `${pages} translated again, although an earlier run may have written ${strays === 1 ? 'it' : 'them'} under other names (${stray.name} for ${stray.page}). Only outputs with a page's own name count.`,
    });
  }
  const changed = todo['source-changed'] ?? 0;
  if (changed > 0) {
    const pages =
      changed === 1
        ? '1 page has a different source than recorded: it is translated again, and its output replaced'
        : `${changed} pages have a different source than recorded: they are translated again, and their outputs replaced`;
    notices.push({
      level: 'warn',
      text: `${pages}. Use a separate output folder for each input folder (-o).`,
    });
  }
  if (adopted > 0) {
    const files = adopted === 1 ? '1 complete file' : `${adopted} complete files`;
    notices.push({ level: 'info', text: `${files} in the output that no ledger lists: counted as done.` });
  }
  const demo = todo['made-by-demo'] ?? 0;
  if (demo > 0) {
    const pages = demo === 1 ? '1 page was' : `${demo} pages were`;
    const outputs =
      demo === 1 ? 'it is translated now, and its output' : 'they are translated now, and their outputs';
    notices.push({ level: 'info', text: `${pages} made by the demo: ${outputs} replaced.` });
  }
  const broken = (todo['output-cut'] ?? 0) + (todo['output-missing'] ?? 0);
  if (broken > 0) {
    const outputs = broken === 1 ? '1 output is' : `${broken} outputs are`;
    notices.push({ level: 'info', text: `${outputs} truncated or missing: translated again.` });
  }
  return notices;
}

/** Says how many lines of the ledger were passed over, where any were. */
export function brokenLinesNotice(broken: number): Notice[] {
  if (broken === 0) return [];
  const lines = broken === 1 ? '1 line of the ledger is' : `${broken} lines of the ledger are`;
  return [{ level: 'warn', text: `${lines} truncated or unknown, and ignored.` }];
}

function keptWithOtherOptions(
  keptByHash: ReadonlyMap<string, number>,
  options: Options,
  optionsByHash: ReadonlyMap<string, Options>,
): Notice {
  const byCount = [...keptByHash].sort(([, a], [, b]) => b - a);
  const count = byCount.reduce((sum, [, pages]) => sum + pages, 0);
  const named = byCount.slice(0, 3).map(([hash, pages]) => {
    const difference = differenceInWords(optionsByHash.get(hash), options);
    return byCount.length === 1 ? difference : `${pages}: ${difference}`;
  });
  const more = byCount.length > named.length ? `; and ${byCount.length - named.length} more` : '';
  const pages = count === 1 ? '1 page was' : `${count} pages were`;
  return {
    level: 'warn',
    text: `${pages} made with other options and kept: ${named.join('; ')}${more}. --overwrite changed translates them again.`,
  };
}
