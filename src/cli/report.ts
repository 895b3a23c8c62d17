import path from 'node:path';
import type { PageFinished } from '../events.ts';
import { lastOutcomes, makeReport } from '../history/make-report.ts';
import { naturalSort } from '../pages/natural-order.ts';
import { paintFor } from '../report/colours.ts';
import { csvLines } from '../report/csv.ts';
import { junitXml } from '../report/junit.ts';
import { LineOutput } from '../report/output.ts';
import type { RunReport } from '../report/report-schema.ts';
import { reportText } from '../report/report-text.ts';
import type { ReportFormat } from './commands.ts';

/**
 * `mgpu-translate report OUTPUT`: what runs did there, from ledger and events. Writes nothing but its answer. Gives the
 * exit code.
 */
export async function reportCommand(given: { output: string; format: ReportFormat }): Promise<number> {
  const out = new LineOutput(process.stdout);
  for await (const text of textsOf(path.resolve(given.output), given.format)) out.raw(text);
  await out.written();
  return 0;
}

async function* textsOf(output: string, format: ReportFormat): AsyncGenerator<string> {
  switch (format) {
    case 'text':
      yield `${reportText(await reportOf(output), paintFor(process.stdout, process.env))}\n`;
      return;
    case 'json':
      yield `${JSON.stringify(await reportOf(output))}\n`;
      return;
    case 'csv':
      yield* inChunks(csvLines(await pagesOf(output)));
      return;
    case 'junit':
      yield junitXml(await pagesOf(output));
  }
}

const reportOf = (output: string): Promise<RunReport> => makeReport(output, { nowMs: Date.now() });

/** In natural order: the lowest character stands between segments, so that no folder is parted by its neighbour. */
const pagesOf = async (output: string): Promise<PageFinished[]> =>
  naturalSort(await lastOutcomes(output), ({ page }) => page.replaceAll('/', '\u0001'));

function* inChunks(lines: Iterable<string>): Generator<string> {
  let chunk = '';
  for (const line of lines) {
    chunk += line;
    if (chunk.length < 65_536) continue;
    yield chunk;
    chunk = '';
  }
  yield chunk;
}
