import { existsSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { errorMessage } from '../../model/error-code.ts';
import { loadBuilt } from '../../model/load-built.ts';
import { Refusal } from '../../model/refusal.ts';
import type { ThreadJob, ThreadOrder } from './report-thread.ts';
import type { ReportJob } from './write-report.ts';

type ReportThread = typeof import('./report-thread.ts');

const BUILT = new URL('./report-thread.cjs', import.meta.url);
const SOURCE = new URL('./report-thread.ts', import.meta.url);
/** A disk that does not answer holds no run up. */
const LONGEST_MS = 120_000;

/** What makes HTML reports: loaded with the first one. */
const loadReportThread = (): Promise<ReportThread> => loadBuilt(BUILT, SOURCE);

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
 * Writes the HTML report of a run to a file, in a thread: of 100,000 pages it takes seconds. The thread may be made ready before
 * the run ends.
 */
export class HtmlReportWriter {
  readonly #job: ThreadJob;
  #thread: Worker | undefined;

  constructor(job: ThreadJob) {
    this.#job = job;
  }

  /** Starts the thread, which reads what there is so far. It holds no process up. */
  prepare(): void {
    if (this.#thread || !existsSync(BUILT)) return;
    this.#thread = this.#started();
    this.#thread.unref();
    this.#tell(this.#thread, 'rehearse');
  }

  /** Gives why there is no report, in words; undefined where all went well. Never rejects. */
  async write(): Promise<string | undefined> {
    if (!existsSync(BUILT)) {
      const { writeReport } = await loadReportThread();
      return writeReport(this.#job.file, this.#job).then(() => undefined, errorMessage);
    }
    const thread = this.#thread ?? this.#started();
    return new Promise((resolve) => {
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
        .once('exit', () => settle('its thread ended'))
        .ref();
      this.#tell(thread, 'write');
    });
  }

  #started(): Worker {
    // One that can't be made ready tells why when it is to write.
    return new Worker(BUILT).on('error', () => {
      this.#thread = undefined;
    });
  }

  #tell(thread: Worker, to: ThreadOrder['to']): void {
    thread.postMessage({ to, job: this.#job } satisfies ThreadOrder);
  }
}
