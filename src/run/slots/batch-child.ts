import type { Beside, WorkAssignment } from '../../dispatch/assignment.ts';
import type { PageId } from '../../model/page.ts';
import { gpuIndexOf } from '../../model/slot.ts';
import type { BatchLog } from '../../translators/translator.ts';
import type { ChildEnd, FoundOutput } from '../../workers/found-output.ts';
import { LineLevels } from '../../workers/line-level.ts';
import type { OneShotEnd } from '../../workers/one-shot-end.ts';
import { OneShotWorker } from '../../workers/one-shot-worker.ts';
import { exitOf } from '../../workers/worker-end.ts';
import type { LaidBatch } from './laid-batch.ts';
import type { OneShotContext } from './one-shot-context.ts';
import { whyEnded } from './one-shot-failure.ts';

/** How a child ended. */
export interface BatchRun {
  readonly ended: OneShotEnd;
  /** Who was beside it, where it ended before it came to any page. */
  readonly beside: Beside | undefined;
}

/** A batch that lies ready for a child. */
interface ReadyBatch {
  readonly batch: LaidBatch;
  /** Reads what the program logs of its pages, where it does. */
  readonly log: BatchLog | undefined;
  /** Asked after each line: true where the child is to be ended, as it fails one page after the other. */
  readonly isFailing: () => boolean;
  /** Called for each page that the child begins with. */
  readonly started: (page: PageId) => void;
  /** Hears how long it took from the child's start to its first page. */
  readonly loaded: (seconds: number) => void;
  /** See `OneShotStart`. */
  readonly learn: (others: readonly string[], end?: ChildEnd) => boolean;
  /** See `OneShotStart`. */
  readonly isMisplacing: (others: readonly string[]) => Promise<boolean>;
  /** Called for each whole output, with its seconds where they are known. */
  readonly output: (found: FoundOutput, seconds: number | undefined) => Promise<void>;
}

/** Runs one child over a batch to its end, tells what it does, and ends it where the run is stopped. */
export async function runBatchChild(
  {
    options,
    emit,
    stop,
    host,
    gate,
    environmentOf,
    redact,
    inspector,
    starts,
    habit,
    ending,
    told,
    recalls,
  }: OneShotContext,
  { slot, attempt }: WorkAssignment,
  { batch, log, isFailing, started, loaded, output, learn, isMisplacing }: ReadyBatch,
): Promise<OneShotEnd> {
  const { translator, folders } = batch;
  const levels = { stdout: new LineLevels(), stderr: new LineLevels() };
  let startedMs: number | undefined = performance.now();
  const worker = new OneShotWorker({
    channel: host.start(slot, {
      command: translator.command(folders, slot),
      env: environmentOf(slot),
      takesLines: false,
    }),
    pages: [...batch.pages.values()],
    sourceBytes: batch.sourceBytes,
    inputFolder: folders.input,
    outputFolder: batch.outputs,
    names: batch.names,
    placed: batch.placed,
    inspector,
    starts,
    habit,
    learnNames: (others, end) => {
      // A first page that is found after its end tells nothing of how long it loaded.
      if (end) startedMs = undefined;
      return learn(others, end);
    },
    isMisplacing,
    pageTimeoutMs: options.pageTimeoutMs,
    startTimeoutMs: options.startTimeoutMs,
    ending,
    redact,
    tell: {
      line: (stream, text, raw) => {
        if (stream === 'stderr') log?.line(raw);
        if (isFailing()) worker.giveUp();
        const level = levels[stream].levelOf(text);
        emit({ type: 'worker-log', slot: slot.id, stream, text, level });
      },
      pageStarted: (page) => {
        started(page);
        emit({ type: 'page-started', page, slot: slot.id, attempt });
        if (startedMs === undefined) return;
        loaded((performance.now() - startedMs) / 1000);
        gate.ready(slot);
        startedMs = undefined;
      },
      pageWritten: (page, file) => emit({ type: 'page-written', page, slot: slot.id, file }),
      output,
    },
  });
  const { channel } = worker;
  if (channel.id !== undefined) {
    emit({ type: 'worker-started', slot: slot.id, gpu: gpuIndexOf(slot), pid: channel.id });
  }
  const drain = (): void => worker.drain();
  const kill = (): void => worker.kill();
  recalls.set(slot.id, drain);
  stop.drain.addEventListener('abort', drain, { once: true });
  stop.kill.addEventListener('abort', kill, { once: true });
  if (stop.kill.aborted) kill();
  else if (stop.drain.aborted) drain();
  const ended = await worker.ended.finally(() => {
    recalls.clear(slot.id);
    stop.drain.removeEventListener('abort', drain);
    stop.kill.removeEventListener('abort', kill);
  });
  if (channel.id !== undefined) {
    const { end, finished } = ended;
    const why = whyEnded(ended, options);
    emit({
      type: 'worker-exited',
      slot: slot.id,
      ...exitOf(end),
      pages: finished.length,
      ...(why && { why }),
    });
  }
  if (ended.endedBy === 'done' && !told.has('does-not-end')) {
    told.add('does-not-end');
    emit({ type: 'notice', level: 'warn', text: doesNotEnd(translator.name) });
  }
  return ended;
}

const doesNotEnd = (name: string): string =>
  `${name} wrote all its pages but did not exit. It was stopped (SIGTERM), and its pages count. A script that hangs like this is stopped 40 s after its last page.`;
