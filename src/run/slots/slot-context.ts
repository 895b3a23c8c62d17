import type { AttemptResult } from '../../dispatch/assignment.ts';
import type { Dispatcher } from '../../dispatch/dispatcher.ts';
import type { LoadGate } from '../../dispatch/load-gate.ts';
import type { Emit } from '../../model/events.ts';
import type { Page } from '../../model/page.ts';
import { cannotRun, type Refusal } from '../../model/refusal.ts';
import type { RunOptions } from '../../model/run-options.ts';
import type { Slot } from '../../model/slot.ts';
import type { Stop } from '../../model/stop.ts';
import type { Inspector } from '../../pages/inspector.ts';
import type { Costs } from '../../schedule/costs.ts';
import type { FileMover } from '../../store/outputs/file-mover.ts';
import type { PageRecorder } from '../../store/outputs/recorder.ts';
import type { Host } from '../../workers/hosts/host.ts';
import type { WorkerEnd } from '../../workers/worker-end.ts';
import type { Spending } from '../spending.ts';
import type { Stage } from '../staging/stage.ts';
import type { UnseenPages } from './unseen-pages.ts';

/** What the slots of a run share, whatever workers they have. */
export interface SlotContext {
  readonly options: RunOptions;
  /** Where work in progress is: a folder for each slot stands below it. */
  readonly workRoot: string;
  readonly outputRoot: string;
  readonly mover: FileMover;
  readonly dispatcher: Dispatcher;
  /** Which workers there are, and who may load. */
  readonly gate: LoadGate;
  /** Copies pages ahead of the workers; missing where that is not wanted. */
  readonly stage: Stage | undefined;
  readonly recorder: PageRecorder;
  readonly inspector: Inspector;
  /** Hears what pages are and take, and predicts what others cost. */
  readonly costs: Costs;
  /** Hears what workers say that pages cost. */
  readonly spending: Spending;
  /** Where workers live. */
  readonly host: Host;
  readonly environmentOf: (slot: Slot) => Readonly<Record<string, string>>;
  readonly emit: Emit;
  readonly stop: Stop;
  /** Whether workers see their pages at all. */
  readonly unseen: UnseenPages;
  /** Takes secrets out of a text. What workers say has none any more. */
  readonly redact: (text: string) => string;
  /** Ends the run: it can't go on. */
  readonly fail: (error: unknown) => void;
}

/**
 * True for a worker that ended by a signal that asked the run to stop: a batch system tells every process of a job. That says
 * nothing about its page.
 */
export const endedWithRun = (end: WorkerEnd, { reasons }: Pick<Stop, 'reasons'>): boolean =>
  end.by === 'signal' && new Set<string>(reasons).has(end.signal);

/** Pages that nothing was found out about. */
export const returned = (remaining: readonly Page[]): AttemptResult => ({ by: 'returned', remaining });

/** The run's end where a translator found the disk full. */
export const fullDisk = (run: Pick<SlotContext, 'redact' | 'workRoot'>, words: string): Refusal =>
  cannotRun(
    `no space left for the translator: ${run.redact(words)}`,
    `free space on the disk of ${run.workRoot}, then run the same command to resume`,
  );
