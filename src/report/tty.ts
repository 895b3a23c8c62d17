import { createLogUpdate } from 'log-update';
import type { RunEvent } from '../model/events.ts';
import { steadyNow } from '../model/steady-clock.ts';
import { type Paint, paintFor } from './colours.ts';
import { EventLines } from './event-lines.ts';
import { drawFrame } from './frame.ts';
import { columnsOf, LineOutput } from './output.ts';
import { Progress } from './progress.ts';
import type { Reporter, ReporterSetting } from './reporter.ts';
import type { RunSummary } from './summary-schema.ts';

const FRAME_MS = 100;
/** Lines of translators that wait for the next frame; more than these nobody can read in its time. */
const WAITING_LINES = 500;

/**
 * A bar and a line a slot at the bottom of the terminal, drawn again at most ten times a second; what goes wrong stands
 * above it and stays. The cursor is never hidden: a launcher that is killed leaves the terminal as it was.
 */
export class TtyReporter implements Reporter {
  readonly #out: LineOutput;
  readonly #err: LineOutput;
  readonly #setting: ReporterSetting;
  readonly #paint: Paint;
  readonly #now: () => number;
  readonly #timer: NodeJS.Timeout;
  readonly #draw: ReturnType<typeof createLogUpdate>;
  readonly #progress = new Progress();
  readonly #events: EventLines;
  #lines: string[] = [];
  #dropped = 0;

  constructor(setting: ReporterSetting, now: () => number = steadyNow) {
    this.#setting = setting;
    this.#out = new LineOutput(setting.stdout);
    this.#err = new LineOutput(setting.stderr);
    this.#paint = paintFor(setting.stderr, setting.env, setting.colours);
    this.#events = new EventLines({ logLevel: setting.logLevel, paint: this.#paint });
    this.#now = now;
    this.#draw = createLogUpdate(setting.stderr, { showCursor: true });
    this.#timer = setInterval(() => this.#redraw(), FRAME_MS).unref();
  }

  report(event: RunEvent): void {
    this.#progress.add(event);
    this.#keep(this.#events.add(event, this.#now()));
  }

  async finish(summary: RunSummary): Promise<void> {
    clearInterval(this.#timer);
    this.#keep(this.#events.end());
    if (!this.#err.silent) {
      this.#draw.clear();
      this.#writeLines();
      this.#draw.done();
    }
    await this.#err.written();
    const paint = paintFor(this.#setting.stdout, this.#setting.env, this.#setting.colours);
    const { summaryText } = await import('./summary-text.ts');
    this.#out.raw(`\n${summaryText(summary, paint, columnsOf(this.#setting.stdout))}\n`);
    await this.#out.written();
  }

  #redraw(): void {
    // A terminal that takes nothing (Ctrl-S, a stalled ssh) would make every frame wait in memory.
    if (this.#err.silent || this.#err.backlogBytes > 0) return;
    this.#keep(this.#events.due(this.#now()));
    if (this.#lines.length > 0) {
      this.#draw.clear();
      this.#writeLines();
    }
    const { columns = 80, rows = 24 } = this.#setting.stderr;
    this.#draw(drawFrame(this.#progress, { columns, rows, nowMs: this.#now(), paint: this.#paint }));
  }

  #keep(lines: ReturnType<EventLines['add']>): void {
    for (const { text, isLog } of lines) {
      if (isLog && this.#lines.length >= WAITING_LINES) this.#dropped += 1;
      else this.#lines.push(text);
    }
  }

  #writeLines(): void {
    if (this.#dropped > 0) this.#lines.push(`${this.#dropped} translator lines left out: too many at a time`);
    if (this.#lines.length > 0) this.#err.raw(`${this.#lines.join('\n')}\n`);
    this.#lines = [];
    this.#dropped = 0;
  }
}
