import type { RunEvent } from '../model/events.ts';
import { steadyNow } from '../model/steady-clock.ts';
import { type Paint, paintFor } from './colours.ts';
import { DevicesAtWork } from './devices-at-work.ts';
import { EventLines } from './event-lines.ts';
import { drawFrame } from './frame.ts';
import { LiveLines } from './live-lines.ts';
import { columnsOf, LineOutput } from './output.ts';
import { Progress } from './progress.ts';
import type { Reporter, ReporterSetting } from './reporter.ts';
import type { RunSummary } from './summary-schema.ts';
import { wrapWords } from './text-width.ts';

const FRAME_MS = 100;
/** Where nothing happens, times go on. */
const QUIET_FRAME_MS = 1000;
/** Somebody drags the edge of the window: what is drawn meanwhile is wrapped anew by the next step. */
const RESIZING_MS = 150;
/** Lines of translators that wait for the next frame; more than these nobody can read in its time. */
const WAITING_LINES = 500;
/** Of the time of day before a line. */
const CLOCK_COLUMNS = 10;

/**
 * A bar and a line a device at the bottom of the terminal, drawn again at most ten times a second, and once a second while nothing
 * happens; what goes wrong stands above it and stays. Each frame is one write.
 */
export class TtyReporter implements Reporter {
  readonly #out: LineOutput;
  readonly #err: LineOutput;
  readonly #setting: ReporterSetting;
  readonly #paint: Paint;
  readonly #now: () => number;
  readonly #timer: NodeJS.Timeout;
  readonly #live = new LiveLines();
  readonly #progress = new Progress();
  readonly #devices = new DevicesAtWork();
  readonly #events: EventLines;
  #soon: NodeJS.Immediate | undefined;
  readonly #onResize = (): void => {
    this.#isDrawn = false;
    this.#resizedMs = this.#now();
  };
  #resizedMs = Number.NEGATIVE_INFINITY;
  #isDrawn = false;
  #drawnMs = 0;
  #lines: string[] = [];
  #dropped = 0;

  constructor(setting: ReporterSetting, now: () => number = steadyNow) {
    this.#setting = setting;
    this.#out = new LineOutput(setting.stdout);
    this.#err = new LineOutput(setting.stderr);
    this.#paint = paintFor(setting.stderr, setting.env, setting.colours);
    this.#events = new EventLines({ logLevel: setting.logLevel, paint: this.#paint });
    this.#now = now;
    this.#timer = setInterval(() => this.#redrawSoon(), FRAME_MS).unref();
    setting.stderr.on('resize', this.#onResize);
  }

  report(event: RunEvent): void {
    this.#isDrawn = false;
    this.#progress.add(event);
    this.#devices.add(event);
    this.#keep(this.#events.add(event, this.#now()));
  }

  async finish(summary: RunSummary): Promise<void> {
    this.abandon();
    await this.#err.written();
    const paint = paintFor(this.#setting.stdout, this.#setting.env, this.#setting.colours);
    const { summaryText } = await import('./summary-text.ts');
    this.#out.raw(`\n${summaryText(summary, paint, columnsOf(this.#setting.stdout))}\n`);
    await this.#out.written();
  }

  abandon(): void {
    clearInterval(this.#timer);
    clearImmediate(this.#soon);
    this.#setting.stderr.off('resize', this.#onResize);
    this.#keep(this.#events.end());
    this.#write([]);
  }

  /** Timers come before signals, and a frame of the size before would be in the wrong place. */
  #redrawSoon(): void {
    clearImmediate(this.#soon);
    this.#soon = setImmediate(() => this.#redraw());
  }

  #redraw(): void {
    const nowMs = this.#now();
    // A terminal that takes nothing (Ctrl-S, a stalled ssh) would make every frame wait in memory.
    if (this.#err.silent || this.#err.backlogBytes > 0) return;
    if (nowMs - this.#resizedMs < RESIZING_MS) return;
    this.#keep(this.#events.due(nowMs));
    if (this.#isDrawn && this.#lines.length === 0 && nowMs - this.#drawnMs < QUIET_FRAME_MS) return;
    this.#isDrawn = true;
    this.#drawnMs = nowMs;
    const shown = { progress: this.#progress, devices: this.#devices };
    const canvas = { ...this.#size, nowMs, paint: this.#paint };
    // A run that is refused has nothing to draw.
    this.#write(this.#progress.hasStarted ? drawFrame(shown, canvas) : []);
  }

  /** A terminal that does not know its size has 80 columns and 24 rows. */
  get #size(): { columns: number; rows: number } {
    const { columns, rows } = this.#setting.stderr;
    return { columns: columns || 80, rows: rows || 24 };
  }

  #keep(lines: ReturnType<EventLines['add']>): void {
    for (const { text, isLog } of lines) {
      if (isLog && this.#lines.length >= WAITING_LINES) this.#dropped += 1;
      else this.#lines.push(isLog ? text : wrapWords(text, this.#size.columns - 1, CLOCK_COLUMNS));
    }
  }

  #write(frame: readonly string[]): void {
    if (this.#dropped > 0) this.#lines.push(`${this.#dropped} translator lines left out: too many at a time`);
    const text = this.#live.repaint({ above: this.#lines, frame, columns: this.#size.columns });
    if (text !== '') this.#err.raw(text);
    this.#lines = [];
    this.#dropped = 0;
  }
}
