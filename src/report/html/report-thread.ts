import { parentPort, workerData } from 'node:worker_threads';
import { errorMessage } from '../../model/error-code.ts';
import { type ReportJob, writeReport } from './write-report.ts';

export { Refusal } from '../../model/refusal.ts';
export { reportTexts, writeReport } from './write-report.ts';

/** What the thread is given, and what it answers: why there is no report, in words. */
export interface ThreadJob extends ReportJob {
  readonly file: string;
}

// Imported, it does nothing.
if (parentPort !== null) {
  const { file, ...job }: ThreadJob = workerData;
  void writeReport(file, job).then(
    () => parentPort?.postMessage(undefined),
    (error: unknown) => parentPort?.postMessage(errorMessage(error)),
  );
}
