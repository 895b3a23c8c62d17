import { availableParallelism, hostname, totalmem } from 'node:os';
import path from 'node:path';
import type { Counts, Emit, Happening, RunEvent } from '../model/events.ts';
import { tooManyOpenFiles } from '../model/open-files.ts';
import type { Page, PageId } from '../model/page.ts';
import type { Redactor } from '../model/redact.ts';
import { Refusal } from '../model/refusal.ts';
import type { RunOptions } from '../model/run-options.ts';
import { type SlotId, slotDeviceOf } from '../model/slot.ts';
import { steadyTime } from '../model/steady-clock.ts';
import type { StopReason } from '../model/stop.ts';
import { SummaryBuilder } from '../report/summary.ts';
import type { RunSummary } from '../report/summary-schema.ts';
import { ledgerName } from '../store/ledger/ledger.ts';
import { keepLastRuns } from '../store/runs.ts';
import { exitCodeOf } from './exit-code.ts';
import type { ResolvedRun } from './resolve-run.ts';
import { RunRecords } from './run-records.ts';
import { withoutSecrets } from './without-secrets.ts';

const SAYS_WHY_AFTER_MS = 1000;
/** Names have 4 kB at most: a line of events stays far below what readers take. */
const PAGES_AT_ONCE = 500;
const LAST_PAGES_A_SLOT = 2;
const STOPPING = 'Stopping after the pages in progress.';

/**
 * Words the command that resumes a run. `isOverwritten`: all pages were made again, and need not be once more. `options`: what has
 * to be given, with its value.
 */
export type ContinueCommand = (state: {
  readonly isOverwritten: boolean;
  readonly options: Readonly<Record<string, string>>;
  readonly redact: Redactor;
}) => string;

/** What a run's events are told of and told to. */
interface RunEventsSetup {
  readonly options: RunOptions;
  readonly resolved: ResolvedRun;
  /** Hears every event, in order, after the summary and the run's files. */
  readonly report?: ((event: RunEvent) => void) | undefined;
  /** The command that resumes this run, for the summary. */
  readonly continueCommand?: ContinueCommand | undefined;
  /** Ends the run: it can't continue. */
  readonly fail: (error: unknown) => void;
  /** Few pages are left, or the run is stopping. */
  readonly onLastPages: () => void;
}

/** All that a run says, from its start to its summary. */
export class RunEvents {
  readonly #setup: RunEventsSetup;
  readonly #records: RunRecords;
  readonly #summary = new SummaryBuilder();
  readonly #startedMs = performance.now();
  #saysWhy: NodeJS.Timeout | undefined;
  #hasFinished = false;
  #listener: Emit = () => {};
  /** Pages to do that have no outcome yet. */
  readonly #open = new Set<PageId>();
  /** At work now: those of a cluster join, and none may be known at the start. */
  #slots = 0;

  constructor(setup: RunEventsSetup) {
    this.#setup = setup;
    this.#records = new RunRecords(setup.resolved.folders, (error) => {
      if (tooManyOpenFiles(error)) setup.fail(error);
      else this.notice('warn', `Can't write logs any more: ${error.message}.`);
    });
  }

  /** Says nothing any more once the run's end is told: what comes of a late signal or a lost lock is nobody's news. */
  readonly emit: Emit = (happening: Happening) => {
    if (this.#hasFinished) return;
    this.#hasFinished = happening.type === 'run-finished';
    if (happening.type === 'slot-joined') this.#slots += 1;
    if (happening.type === 'slot-retired') this.#slots -= 1;
    if (happening.type === 'page-finished') this.#pageFinished(happening.page);
    const event: RunEvent = { ...withoutSecrets(happening, this.#setup.resolved.redact), time: steadyTime() };
    this.#summary.add(event);
    this.#records.report(event);
    this.#setup.report?.(event);
    this.#listener(happening);
  };

  #pageFinished(page: PageId): void {
    this.#open.delete(page);
    const left = this.#open.size;
    // After the last one there is nothing to be ready before.
    if (left > 0 && left <= LAST_PAGES_A_SLOT * Math.max(1, this.#slots)) this.#setup.onLastPages();
  }

  /** Tells one listener within the run of every event from now on. */
  readonly listen = (listener: Emit): void => {
    this.#listener = listener;
  };

  notice(level: 'info' | 'warn', text: string): void {
    this.emit({ type: 'notice', level, text });
  }

  started(): void {
    const { resolved, options } = this.#setup;
    const { run, gpus, strategy, translator, redact, inputs } = resolved;
    // On a cluster they join as their GPUs are held.
    const slots = resolved.cluster ? [] : resolved.slots;
    this.#slots = slots.length;
    this.emit({
      type: 'run-started',
      v: 1,
      run,
      gpus: gpus.map(({ index, name, uuid, memoryTotalBytes }) => ({
        index,
        ...(name !== undefined && { name }),
        ...(uuid !== undefined && { uuid }),
        ...(memoryTotalBytes !== undefined && { memoryTotalBytes }),
      })),
      slots: slots.map(({ id }) => id),
      slotDevices: slots.map(slotDeviceOf),
      strategy,
      translator: translator.name,
      inputRoot: redact.text(inputs.root),
      machine: {
        host: hostname(),
        cpus: availableParallelism(),
        memoryBytes: totalmem(),
        node: process.versions.node,
      },
      options: redact.options({ ...options }),
    });
  }

  /** Tells that the run drains, and why; `trouble` is why it can't continue. */
  stopping(reasons: ReadonlySet<StopReason>, trouble: unknown): void {
    this.#setup.onLastPages();
    if (reasons.has('cannot-go-on')) {
      const [why] = (trouble instanceof Error ? trouble.message : String(trouble)).split('\n', 1);
      const text = `Can't continue: ${why}. ${STOPPING} Press Ctrl-C to stop now.`;
      // The end tells it with all that is to be done; where that is now, once is enough.
      this.#saysWhy = setTimeout(() => this.notice('warn', text), SAYS_WHY_AFTER_MS).unref();
      return;
    }
    const [asked] = reasons;
    this.notice('warn', stoppingText(asked));
  }

  /** Pages were found that are to do: those that get no outcome are told of as left in the end. */
  found(pages: readonly Page[]): void {
    const ids = pages.map(({ id }) => id);
    for (const id of ids) this.#open.add(id);
    this.#tellPages('pages-to-do', ids);
  }

  /** The outcomes of the pages so far. */
  get counts(): Counts {
    return this.#summary.summary().counts;
  }

  /** Settles once all that was told so far is on disk, or that it can't be is told too. No worker has a line after it. */
  drained(): Promise<void> {
    return this.#records.drained();
  }

  /** Tells how the run ended; `trouble` is why it could not continue. It is the last event. */
  finished({
    reasons,
    trouble,
    cost,
  }: {
    reasons: ReadonlySet<StopReason>;
    trouble: unknown;
    /** What workers reported, all together. */
    cost: number;
  }): void {
    clearTimeout(this.#saysWhy);
    const { counts, gpus, unchanged, folders, folderTotals } = this.#summary.summary();
    const { redact } = this.#setup.resolved;
    const refusal = trouble instanceof Refusal ? trouble : undefined;
    const message = refusal && redact.text(refusal.lines.join('\n'));
    const hint = refusal?.hint && redact.text(refusal.hint);
    this.#tellPages('pages-left', [...this.#open]);
    this.emit({
      type: 'run-finished',
      counts,
      seconds: Math.round(performance.now() - this.#startedMs) / 1000,
      exitCode: exitCodeOf({ counts, reasons }),
      ...(message !== undefined && { message }),
      ...(hint !== undefined && { hint }),
      ...(unchanged > 0 && { unchanged }),
      ...(cost > 0 && { cost }),
      ...(folders && folderTotals && { folders, folderTotals }),
      gpus: gpus.map(({ gpu, pages, busySeconds, loads }) => ({ gpu, pages, busySeconds, loads })),
    });
  }

  #tellPages(type: 'pages-to-do' | 'pages-left', ids: readonly PageId[]): void {
    for (let at = 0; at < ids.length; at += PAGES_AT_ONCE)
      this.emit({ type, pages: ids.slice(at, at + PAGES_AT_ONCE) });
  }

  /** Settles once all is on disk, and too old runs are gone from there. */
  async close(): Promise<void> {
    const { folders, run } = this.#setup.resolved;
    await this.#records.close();
    await keepLastRuns({ folder: path.dirname(folders.run), going: [run] });
  }

  /** The GPU that a slot is on; null is the CPU. */
  readonly gpuOf = (slot: SlotId): number | null => this.#summary.gpuOf(slot);

  summary(end: Omit<Parameters<ContinueCommand>[0], 'redact'>): RunSummary {
    const { resolved, options, continueCommand } = this.#setup;
    const { redact, folders } = resolved;
    const { output, logs, state } = folders;
    return this.#summary.summary({
      paths: { output, logs, ledger: path.join(state, ledgerName(options.part)) },
      ...(continueCommand && { continueCommand: continueCommand({ ...end, redact }) }),
      warm: resolved.translator.kind === 'warm',
    });
  }
}

/** What asked for draining, and how to stop without waiting for the pages in progress. */
function stoppingText(asked: StopReason | undefined): string {
  if (asked === 'max-time' || asked === 'max-cost')
    return `--${asked} reached. ${STOPPING} Press Ctrl-C to stop now.`;
  if (asked === 'SIGINT') return `${STOPPING} Press Ctrl-C again to stop now.`;
  return `${asked} received. ${STOPPING} Send another signal to stop now.`;
}
