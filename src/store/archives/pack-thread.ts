import { parentPort } from 'node:worker_threads';
import { type PackJob, packArchive } from './pack-archive.ts';

parentPort?.on('message', (job: PackJob) => {
  void packArchive(job).then((answer) => parentPort?.postMessage(answer));
});
