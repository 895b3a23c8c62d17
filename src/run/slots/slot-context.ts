import type { Decision, Failed } from '../../dispatch/assignment.ts';
import type { Dispatcher } from '../../dispatch/dispatcher.ts';
import type { Emit } from '../../model/events.ts';
import { cannotRun, type Refusal } from '../../model/refusal.ts';
import type { RunOptions } from '../../model/run-options.ts';
import { gpuIndexOf, type Slot } from '../../model/slot.ts';
import type { Stop } from '../../model/stop.ts';
import type { Inspector } from '../../pages/inspector.ts';
import { shorten } from '../../report/escape.ts';
import { gpuName } from '../../model/slot.ts';
import type { FileMover } from '../../store/outputs/file-mover.ts';
import type { PageRecorder } from '../../store/outputs/recorder.ts';
import type { Guard } from '../../workers/guard.ts';
import type { WorkerEnd } from '../../workers/worker-process.ts';

/** A worker's last lines that a run's last message carries. */
const SHOWN_LINES = 6;
/** Of the last words of a GPU's workers: they stand on one line. */
const SHOWN_CHARACTERS = 300;

/** What the slots of a run share, whatever workers they have. */
export interface SlotContext {
  readonly options: RunOptions;
  readonly slots: readonly Slot[];
  /** Where work in progress is: a folder for each slot stands below it. */
  readonly workRoot: string;
  readonly outputRoot: string;
  readonly mover: FileMover;
  readonly dispatcher: Dispatcher;
  readonly recorder: PageRecorder;
  readonly inspector: Inspector;
  readonly guard: Guard;
  readonly environmentOf: (slot: Slot) => Readonly<Record<string, string>>;
  readonly emit: Emit;
  readonly stop: Stop;
  /** Takes secrets out of a text. What workers say has none any more. */
  readonly redact: (text: string) => string;
  /** Ends the run: it can't go on. */
  readonly fail: (error: unknown) => void;
}

export { gpuIndexOf } from '../../model/slot.ts';

/**
 * True for a worker that ended by a signal that asked the run to stop: a batch system tells every process of a job. That says
 * nothing about its page.
 */
export const endedWithRun = (end: WorkerEnd, { reasons }: Pick<Stop, 'reasons'>): boolean =>
  end.by === 'signal' && new Set<string>(reasons).has(end.signal);

/** Tells and records what follows from the end of a worker, and ends the run where nothing can go on. */
export async function applyDecision(
  run: SlotContext,
  slot: Slot,
  { failed, retried, benched }: Decision,
  { end, lastLines }: { readonly end?: WorkerEnd; readonly lastLines: readonly string[] },
): Promise<void> {
  const { dispatcher, emit } = run;
  for (const { page, reason, message, attempts } of retried) {
    emit({ type: 'page-retried', page: page.id, slot: slot.id, attempt: attempts, reason, message });
  }
  await recordFailures(run, failed, slot.id);
  tellBenched(run, benched);
  const stuck = 'a worker stayed after SIGKILL';
  if (end?.by === 'stuck' && dispatcher.bench(gpuIndexOf(slot), stuck)) {
    emit({ type: 'gpu-benched', gpu: gpuIndexOf(slot), reason: stuck });
  }
  await stopIfHopeless(run, lastLines);
}

/**
 * After every end of a slot's work, whatever it was: records the pages that no card is left for, and ends the run where
 * nothing works anywhere.
 */
export async function stopIfHopeless(run: SlotContext, lastLines: readonly string[] = []): Promise<void> {
  const { dispatcher, fail } = run;
  const { allBenched, hopeless } = dispatcher;
  await recordFailures(run, dispatcher.stranded(), undefined);
  if (hopeless !== undefined) {
    const why = `every worker ends the same way, and no page was finished: ${hopeless}`;
    fail(cannotRun(why, undefined, lastLines.slice(-SHOWN_LINES)));
  } else if (allBenched) {
    const gpus = [...new Set(run.slots.map(gpuIndexOf))];
    const words = gpus.map((gpu) => `${gpuName(gpu)}: ${lastWordsOn(run, gpu) ?? 'it said nothing'}`);
    const hint = "the workers' logs have more of their last words";
    fail(cannotRun('no usable GPU is left: each was benched', hint, words.slice(0, SHOWN_LINES)));
  }
}

/** The run's end where a translator found the disk full. */
export const fullDisk = (run: SlotContext, words: string): Refusal =>
  cannotRun(
    `no space is left for the translator: ${run.redact(words)}`,
    `free space on the disk of ${run.workRoot}; the same command then goes on from here`,
  );

/** Tells of GPUs that lost too many workers. */
export function tellBenched(run: SlotContext, gpus: readonly (number | null)[]): void {
  for (const gpu of gpus) {
    const words = lastWordsOn(run, gpu);
    const why = words === undefined ? '' : `: ${words}`;
    run.emit({ type: 'gpu-benched', gpu, reason: `three workers in a row ended there without a page${why}` });
  }
}

function lastWordsOn({ dispatcher }: SlotContext, gpu: number | null): string | undefined {
  const words = dispatcher.lastWordsOn(gpu);
  return words && shorten(words.trim(), SHOWN_CHARACTERS);
}

async function recordFailures(
  run: SlotContext,
  failed: readonly Failed[],
  slot: string | undefined,
): Promise<void> {
  for (const { page, reason, message, attempts } of failed) {
    const end = { attempt: attempts, message, ...(slot !== undefined && { slot }) };
    await run.recorder.failed(page, reason, end);
  }
}
