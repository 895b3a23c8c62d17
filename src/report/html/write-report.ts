import path from 'node:path';
import { redactor } from '../../model/redact.ts';
import { dotenvSecrets } from '../../translators/dotenv.ts';
import { replaceFile } from '../replace-file.ts';
import { embeddedImages } from './embed-images.ts';
import { filledTemplate } from './fill-template.ts';
import { gatherData } from './gather-data.ts';
import { readTemplate } from './read-template.ts';
import { unfinishedReport } from './unfinished-report.ts';

/** What an HTML report is made of. Plain data: a thread is given it. */
export interface ReportJob {
  /** The output folder that it tells of; absolute. */
  readonly output: string;
  /** The folder that it will be in, to which its links are relative; absolute. */
  readonly folder: string;
  /** Images of so many pages are put into it. */
  readonly embed: number;
  /** A run that has ended and holds its lock still: the report is of that. */
  readonly ended?: string | undefined;
}

/**
 * The HTML report of an output, part by part.
 * @throws as `makeReport`
 */
export async function* reportTexts({ output, folder, embed, ended }: ReportJob): AsyncGenerator<string> {
  const redact = redactor(process.env, { values: await dotenvSecrets([process.cwd()]) }).text;
  const { data, pages, ...found } = await gatherData({ output, folder, nowMs: Date.now(), ended, redact });
  yield* filledTemplate(await readTemplate(), {
    title: `${path.basename(output)} – mgpu-translate`,
    data,
    images: embeddedImages(pages, embed, { output, ...found }),
  });
}

/**
 * Writes the report to `file`; one that is there already is replaced once the new one is whole.
 * @throws as `makeReport`, and what the file system throws
 */
export async function writeReport(file: string, job: ReportJob): Promise<void> {
  await replaceFile(file, reportTexts(job), unfinishedReport(file));
}
