import path from 'node:path';
import { type Redactor, redactor } from '../model/redact.ts';
import { naturalSort } from '../pages/natural-order.ts';
import { kindOf } from '../pages/path-kind.ts';
import { isArchiveName, withoutArchiveSuffix } from '../pages/sources/archive-directory.ts';
import { paintFor } from '../report/colours.ts';
import { csvLines } from '../report/csv.ts';
import { allPages, makeReport } from '../report/history/make-report.ts';
import { junitXml } from '../report/junit.ts';
import { columnsOf, LineOutput } from '../report/output.ts';
import type { RunReport } from '../report/report-schema.ts';
import { reportText } from '../report/report-text.ts';
import type { ReportedPage } from '../report/reported-page.ts';
import { dotenvSecrets } from '../translators/dotenv.ts';
import type { ReportFormat } from './commands.ts';

/**
 * `mgpu-translate report OUTPUT`: what runs did there, from ledger and events. Writes nothing but its answer. Gives the
 * exit code.
 */
export async function reportCommand(given: { output: string; format: ReportFormat }): Promise<number> {
  const out = new LineOutput(process.stdout);
  for await (const text of textsOf(await outputFolderOf(given.output), given.format)) out.raw(text);
  await out.written();
  return 0;
}

/** What a run that made a single archive keeps is in a folder beside that. */
async function outputFolderOf(output: string): Promise<string> {
  const place = path.resolve(output);
  return isArchiveName(place) && (await kindOf(place)) === 'file' ? withoutArchiveSuffix(place) : place;
}

async function* textsOf(output: string, format: ReportFormat): AsyncGenerator<string> {
  switch (format) {
    case 'text': {
      const { stdout } = process;
      yield `${reportText(await reportOf(output), paintFor(stdout, process.env), columnsOf(stdout))}\n`;
      return;
    }
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

/** Version 0.1.0 left secrets in some messages: they are not shown either. */
const textRedactor = async (): Promise<Redactor['text']> =>
  redactor(process.env, { values: await dotenvSecrets([process.cwd()]) }).text;

async function reportOf(output: string): Promise<RunReport> {
  const text = await textRedactor();
  const report = await makeReport(output, { nowMs: Date.now() });
  const isSaid = (key: string): boolean => key === 'message' || key === 'reason';
  return JSON.parse(JSON.stringify(report), (key, value: unknown) =>
    typeof value === 'string' && isSaid(key) ? text(value) : value,
  );
}

/** In natural order: the lowest character stands between segments, so that no folder is parted by its neighbour. */
async function pagesOf(output: string): Promise<ReportedPage[]> {
  const text = await textRedactor();
  const pages = (await allPages(output)).map(
    (page): ReportedPage => (page.message === undefined ? page : { ...page, message: text(page.message) }),
  );
  return naturalSort(pages, ({ page }) => page.replaceAll('/', '\u0001'));
}

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
