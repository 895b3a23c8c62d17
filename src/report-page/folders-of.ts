import type { ReportData } from '../report/html/report-data.ts';
import type { FolderSummary } from '../report/run-summary.ts';
import type { PageTable } from './page-table.ts';

/**
 * How far each folder is: as the run says, which knows of pages that have no outcome yet; of folders that it does not tell of, by
 * their pages here.
 */
export function foldersOf({ report }: Pick<ReportData, 'report'>, pages: PageTable): FolderSummary[] {
  const told = new Map((report.folders ?? []).map((folder) => [folder.folder, folder]));
  const others = new Map<string, FolderSummary>();
  for (let at = 0; at < pages.length; at += 1) {
    const folder = pages.folder(at) || '.';
    if (told.has(folder)) continue;
    const sums = others.get(folder) ?? {
      folder,
      pages: 0,
      done: 0,
      untranslated: 0,
      failed: 0,
      left: 0,
      complete: false,
    };
    others.set(folder, sums);
    sums.pages += 1;
    const outcome = pages.outcome(at);
    sums[outcome === 'translated' || outcome === 'no-text' ? 'done' : outcome] += 1;
  }
  // A run that was killed did not say which pages it left.
  const isAllKnown = report.state === 'finished' && report.folderTotals?.mayHaveMore !== true;
  for (const folder of others.values()) folder.complete = isAllKnown && folder.done === folder.pages;
  return [...told.values(), ...others.values()];
}
