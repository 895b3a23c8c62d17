import path from 'node:path';
import type { RunOptions } from '../model/run-options.ts';
import { writeHtmlReport } from '../report/html/html-report.ts';
import type { RunSummary } from '../report/summary-schema.ts';
import type { ResolvedRun } from './resolve-run.ts';

/** Writes the HTML report of a run that has ended: says where it is, or why there is none. Never rejects. */
export async function htmlOfRun({
  options,
  resolved,
}: {
  readonly options: RunOptions;
  readonly resolved: ResolvedRun;
}): Promise<Pick<RunSummary, 'html' | 'htmlTrouble'>> {
  if (!options.html) return {};
  const { output, run: folder } = resolved.folders;
  const file = path.join(folder, 'report.html');
  const trouble = await writeHtmlReport({ file, output, folder, embed: 0, ended: resolved.run });
  return trouble === undefined ? { html: file } : { htmlTrouble: resolved.redact.text(trouble) };
}
