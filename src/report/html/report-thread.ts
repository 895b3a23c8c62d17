import { stat } from 'node:fs/promises';
import path from 'node:path';
import { parentPort } from 'node:worker_threads';
import { errorMessage } from '../../model/error-code.ts';
import { writingTrouble } from '../../model/file-errors.ts';
import { type ReportJob, reportTexts, writeReport } from './write-report.ts';

export { Refusal } from '../../model/refusal.ts';
export { reportTexts, writeReport } from './write-report.ts';

const EVENTS = 'events.ndjson';
const REHEARSED_BYTES = 1_000_000;

/** A report that is to be written. */
export interface ThreadJob extends ReportJob {
  readonly file: string;
}

/** What the thread is told. To `write` it answers why there is no report, in words, or undefined, and ends. */
export interface ThreadOrder {
  readonly to: 'rehearse' | 'write';
  readonly job: ThreadJob;
}

/** The first report that a process makes takes three times as long as the next: a short one is made for that, and thrown away. */
async function rehearse(job: ReportJob): Promise<void> {
  const { size } = await stat(path.join(job.folder, EVENTS));
  if (size > REHEARSED_BYTES) return;
  for await (const _text of reportTexts(job));
}

// Imported, it does nothing.
if (parentPort !== null) {
  const port = parentPort;
  let before: Promise<unknown> = Promise.resolve();
  port.on('message', ({ to, job }: ThreadOrder) => {
    if (to === 'rehearse') before = rehearse(job).catch(() => {});
    else
      void before
        .then(() => writeReport(job.file, job))
        .then(
          () => undefined,
          (error: unknown) => writingTrouble(error) ?? errorMessage(error),
        )
        .then((trouble) => {
          port.postMessage(trouble);
          port.close();
        });
  });
}
