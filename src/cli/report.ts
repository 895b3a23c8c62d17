import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { errorCode, errorMessage } from '../model/error-code.ts';
import { escapeControls } from '../model/escape-controls.ts';
import { isForbidden, writingTrouble } from '../model/file-errors.ts';
import { type Redactor, redactor } from '../model/redact.ts';
import { cannotRun, usageError } from '../model/refusal.ts';
import { naturalSortPaths } from '../pages/natural-order.ts';
import { kindOf } from '../pages/path-kind.ts';
import { isArchiveName, withoutArchiveSuffix } from '../pages/sources/archive-directory.ts';
import { paintFor } from '../report/colours.ts';
import { csvLines } from '../report/csv.ts';
import { allPages, makeReport } from '../report/history/make-report.ts';
import { htmlTexts } from '../report/html/html-report.ts';
import { junitXml } from '../report/junit.ts';
import { columnsOf, LineOutput } from '../report/output.ts';
import { replaceFile } from '../report/replace-file.ts';
import type { RunReport } from '../report/report-schema.ts';
import { reportText } from '../report/report-text.ts';
import type { ReportedPage } from '../report/reported-page.ts';
import { dotenvSecrets } from '../translators/dotenv.ts';
import type { ReportFormat } from './commands.ts';
import type { GivenReport } from './program.ts';

/**
 * `mgpu-translate report OUTPUT`: what runs did there, from ledger and events. Writes nothing but its answer. Gives the
 * exit code.
 */
export async function reportCommand({ output, format, file, embed = 0 }: GivenReport): Promise<number> {
  const folder = await outputFolderOf(output);
  if (format === 'html' && file === undefined && process.stdout.isTTY)
    throw usageError('--format html: a terminal does not show it', 'add --file report.html');
  // Of a link that leads to a file, that is replaced: /dev/stdout stays what it is.
  const at = file === undefined ? undefined : await realpath(file).catch(() => path.resolve(file));
  const texts =
    format === 'html'
      ? htmlTexts({ output: folder, folder: path.dirname(at ?? (await stdoutFile())), embed })
      : textsOf(folder, format);
  if (at === undefined) {
    const out = new LineOutput(process.stdout);
    for await (const text of texts) out.raw(text);
    await out.written();
  } else {
    await replaceFile(at, texts).catch(async (error: unknown) => {
      if (errorCode(error) === undefined) throw error;
      throw cannotRun(`--file ${file}: ${await whyUnwritten(at, error)}`, 'choose another file');
    });
    process.stderr.write(`written: ${escapeControls(at)}\n`);
  }
  return 0;
}

/** Why a file can't be written, in words. */
async function whyUnwritten(file: string, error: unknown): Promise<string> {
  if ((await kindOf(file)) === 'folder') return 'it is a folder';
  if (errorCode(error) === 'ENOENT') return 'its folder does not exist';
  return (isForbidden(error) ? 'permission denied' : writingTrouble(error)) ?? errorMessage(error);
}

/** The file that standard output goes to, where it is one: what is linked from there is found from there. */
const stdoutFile = (): Promise<string> =>
  realpath('/proc/self/fd/1').catch(() => path.resolve('report.html'));

/** What a run that made a single archive keeps is in a folder beside that. */
async function outputFolderOf(output: string): Promise<string> {
  const place = path.resolve(output);
  return isArchiveName(place) && (await kindOf(place)) === 'file' ? withoutArchiveSuffix(place) : place;
}

async function* textsOf(output: string, format: Exclude<ReportFormat, 'html'>): AsyncGenerator<string> {
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
  return JSON.parse(JSON.stringify(report), (key, value: unknown) => {
    if (typeof value === 'string' && isSaid(key)) return text(value);
    return key === 'notes' && Array.isArray(value) ? value.map((note) => text(String(note))) : value;
  });
}

/** In natural order. */
async function pagesOf(output: string): Promise<ReportedPage[]> {
  const text = await textRedactor();
  const pages = (await allPages(output)).map(
    (page): ReportedPage => ({
      ...page,
      ...(page.message !== undefined && { message: text(page.message) }),
      ...(page.notes && { notes: page.notes.map(text) }),
    }),
  );
  return naturalSortPaths(pages, ({ page }) => page);
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
