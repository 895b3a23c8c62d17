import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { errorMessage } from '../../model/error-code.ts';
import { Refusal } from '../../model/refusal.ts';
import type { ThreadJob } from './report-thread.ts';
import type { ReportJob } from './write-report.ts';

type ReportThread = typeof import('./report-thread.ts');

const BUILT = new URL('./report-thread.cjs', import.meta.url);
const SOURCE = new URL('./report-thread.ts', import.meta.url);
/** A disk that does not answer holds no run up. */
const LONGEST_MS = 120_000;

/** What makes HTML reports: loaded with the first one. The built program is no module, and has no `import` (bin/load-program.js). */
async function loadReportThread(): Promise<ReportThread> {
  return existsSync(BUILT) ? createRequire(BUILT)(fileURLToPath(BUILT)) : import(SOURCE.href);
}

/**
 * The HTML report of an output, part by part.
 * @throws as `makeReport`
 */
export async function* htmlTexts(job: ReportJob): AsyncGenerator<string> {
  const { reportTexts, Refusal: OfThread } = await loadReportThread();
  try {
    yield* reportTexts(job);
  } catch (error) {
    // A bundle of its own has a class of its own.
    if (!(error instanceof OfThread)) throw error;
    throw new Refusal(error.exitCode, error.message, error.hint, error.details, error.resumeWith);
  }
}

/**
 * Writes the HTML report of a run to a file, in a thread: of 100,000 pages it takes seconds. Gives why there is none, in words;
 * undefined where all went well. Never rejects.
 */
export async function writeHtmlReport(job: ThreadJob): Promise<string | undefined> {
  if (!existsSync(BUILT)) {
    const { writeReport } = await loadReportThread();
    return writeReport(job.file, job).then(() => undefined, errorMessage);
  }
  return new Promise((resolve) => {
    const thread = new Worker(BUILT, { workerData: job });
    const timer = setTimeout(() => {
      thread.unref();
      resolve(`the disk did not respond for ${LONGEST_MS / 1000} s`);
    }, LONGEST_MS);
    const settle = (trouble: string | undefined): void => {
      clearTimeout(timer);
      resolve(trouble);
    };
    thread
      .once('message', settle)
      .once('error', (error) => settle(errorMessage(error)))
      .once('exit', () => settle('its thread ended'));
  });
}
