import type { RunEvent } from '../model/events.ts';
import { steadyNow } from '../model/steady-clock.ts';
import { paintFor } from './colours.ts';
import { clock } from './event-line.ts';
import { EventLines } from './event-lines.ts';
import { columnsOf, LineOutput } from './output.ts';
import { Progress, progressParts } from './progress.ts';
import type { Reporter, ReporterSetting } from './reporter.ts';
import type { RunSummary } from './summary-schema.ts';

/** A progress line at most this often while pages get done … */
const BUSY_MS = 10_000;
/** … and this often while none does, so that a log that stands still can be told from one that is dead. */
const QUIET_MS = 60_000;
/** Models load meanwhile; at the end somebody would wait for it. */
const LOAD_SUMMARY_AFTER_MS = 1000;

const loadSummaryText = () => import('./summary-text.ts');

/**
 * Lines for a log file or a notebook cell: one every so often and one for each thing that goes wrong, to stderr; the
 * summary to stdout. No line is ever written over.
 */
export class PlainReporter implements Reporter {
  readonly #out: LineOutput;
  readonly #err: LineOutput;
  readonly #setting: ReporterSetting;
  readonly #lines: EventLines;
  readonly #now: () => number;
  readonly #timer: NodeJS.Timeout;
  readonly #preload: NodeJS.Timeout;
  readonly #progress = new Progress();
  #shownMs: number;
  #shownDone = 0;

  constructor(setting: ReporterSetting, now: () => number = steadyNow) {
    this.#setting = setting;
    this.#out = new LineOutput(setting.stdout);
    this.#err = new LineOutput(setting.stderr);
    const paint = paintFor(setting.stderr, setting.env, setting.colours);
    this.#lines = new EventLines({ logLevel: setting.logLevel, paint });
    this.#now = now;
    this.#shownMs = now();
    this.#timer = setInterval(() => this.tick(), 1000).unref();
    this.#preload = setTimeout(() => void loadSummaryText().catch(() => {}), LOAD_SUMMARY_AFTER_MS).unref();
  }

  report(event: RunEvent): void {
    this.#progress.add(event);
    this.#show(this.#lines.add(event, this.#now()));
    const isDone = event.type === 'page-finished' || event.type === 'page-written';
    const firstDone = isDone && this.#shownDone === 0;
    if (firstDone) this.#showProgress();
    else this.tick();
  }

  /** Writes what is due: lines that were held, and a progress line. */
  tick(): void {
    this.#show(this.#lines.due(this.#now()));
    const sinceMs = this.#now() - this.#shownMs;
    const moved = this.#progress.done + this.#progress.written !== this.#shownDone;
    if (sinceMs >= (moved ? BUSY_MS : QUIET_MS)) this.#showProgress();
  }

  async finish(summary: RunSummary): Promise<void> {
    this.abandon();
    const paint = paintFor(this.#setting.stdout, this.#setting.env, this.#setting.colours);
    await this.#err.written();
    const { summaryText } = await loadSummaryText();
    this.#out.raw(`\n${summaryText(summary, paint, columnsOf(this.#setting.stdout))}\n`);
    await this.#out.written();
  }

  abandon(): void {
    clearInterval(this.#timer);
    clearTimeout(this.#preload);
    this.#show(this.#lines.end());
  }

  #show(lines: ReturnType<EventLines['add']>): void {
    for (const { text, isLog } of lines) {
      if (isLog) this.#err.lineIfRoom(text);
      else this.#lineAfterDropped(text);
    }
  }

  #showProgress(): void {
    this.#shownMs = this.#now();
    this.#shownDone = this.#progress.done + this.#progress.written;
    const parts = progressParts(this.#progress, this.#shownMs);
    this.#lineAfterDropped([clock({ time: new Date(this.#shownMs).toISOString() }), ...parts].join('  '));
  }

  #lineAfterDropped(line: string): void {
    const dropped = this.#err.takeDropped();
    if (dropped > 0) this.#err.line(`${dropped} translator lines left out: too many at a time`);
    this.#err.line(line);
  }
}
