import { escapeControls } from '../model/escape-controls.ts';
import type { FolderSummary, RunSummary } from './run-summary.ts';
import { fitEnd, textWidth } from './text-width.ts';

const NAMED_FOLDERS = 5;
const NAME_COLUMNS = 40;
const LINE_COLUMNS = 79;

/** Which folders are complete and what the first of the others lack; no line where there is only one folder. */
export function folderLines(
  { folders = [], folderTotals }: RunSummary,
  { ofPart, columns = LINE_COLUMNS }: { ofPart: boolean; columns?: number | undefined },
): string[] {
  if (folderTotals === undefined || folderTotals.folders < 2) return [];
  const { folders: all, complete, mayHaveMore } = folderTotals;
  const incomplete = folders.filter((folder) => !folder.complete);
  const named = incomplete.slice(0, NAMED_FOLDERS);
  const rest = all - complete - named.length;
  const parts = [
    `${complete} of ${all} folders complete${ofPart ? ' in this part' : ''}`,
    ...named.map(lackText),
    ...(rest > 0 ? [`and ${rest} more`] : []),
    ...(mayHaveMore ? ['there may be more folders'] : []),
  ];
  return wrapped(parts, Math.min(columns, LINE_COLUMNS));
}

function lackText({ folder, untranslated, failed, left }: FolderSummary): string {
  const lacks = [
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(untranslated > 0 ? [`${untranslated} untranslated`] : []),
    ...(left > 0 ? [`${left} left`] : []),
  ];
  return `${fitEnd(escapeControls(folder), NAME_COLUMNS)}: ${lacks.join(', ') || 'may have more pages'}`;
}

/** The parts behind each other, as many in a line as fit. */
function wrapped(parts: readonly string[], columns: number): string[] {
  const lines: string[] = [];
  for (const part of parts) {
    const line = lines.at(-1);
    const longer = `${line}; ${part}`;
    if (line !== undefined && textWidth(longer) <= columns) lines[lines.length - 1] = longer;
    else lines.push(line === undefined ? part : `  ${part}`);
  }
  return lines;
}
