import { setTimeout as delay } from 'node:timers/promises';
import type { Page, PageId } from '../model/page.ts';
import type { Command } from '../translators/translator.ts';
import { AwakeTime } from './awake-time.ts';
import { BatchOutputs, type ChildEnd, type FoundOutput } from './batch-outputs.ts';
import type { Guard } from './guard.ts';
import { LastWords, tellsException } from './last-words.ts';
import { LineReader, type Redact } from './lines.ts';
import type { NamingHabit } from './naming-habit.ts';
import type { BatchNames } from './output-names.ts';
import { PageNames } from './page-names.ts';
import { PageSeconds } from './page-seconds.ts';
import type { WorkerEnd, WorkerProcess } from './worker-process.ts';
import { signalGroup, startWorker, stopWorker } from './worker-process.ts';

const LOOK_EVERY_MS = 250;
const LOOK_WHILE_DRAINING_MS = 40;
const LOOK_AT_MOST_SHARE = 20;
/** However long a look takes: timeouts are noticed between looks. */
const LONGEST_NAP_MS = 5000;
/** What looking and recording may add to a nap before the clock is taken to have jumped. */
const TICK_BEYOND_NAP_MS = 2000;
const GRACE_MS = 5000;

/** What a one-shot worker is started with. */
export interface OneShotStart {
  readonly command: Command;
  readonly pages: readonly Page[];
  /** Size of each page's source, in bytes. */
  readonly sourceBytes: ReadonlyMap<PageId, number>;
  readonly inputFolder: string;
  readonly outputFolder: string;
  readonly names: BatchNames;
  /** What earlier children of this program taught of when it names its pages. */
  readonly habit?: NamingHabit;
  readonly env: Readonly<Record<string, string>>;
  readonly guard: Guard;
  /** Time since the last sign of a page; 0: no limit. */
  readonly pageTimeoutMs: number;
  /** Time until the first sign of a page; 0: no limit. */
  readonly startTimeoutMs: number;
  /** Takes secrets out of whatever the child says, before anything is cut. */
  readonly redact?: Redact;
  readonly tell: OneShotListener;
}

export interface OneShotListener {
  /** A line without secrets, and as it came: a page's name in it is to be found whatever it looks like. */
  line(stream: 'stdout' | 'stderr', text: string, raw: string): void;
  /** The translator went on to this page. */
  pageStarted(page: PageId): void;
  /** A whole output; its place is free for the next once this settles. */
  output(found: FoundOutput, seconds: number | undefined): Promise<void>;
}

/** Why the launcher itself ended a worker. */
export type EndedBy = 'page-timeout' | 'start-timeout' | 'drain' | 'kill';

/** All that is known of a batch once its worker is gone. */
export interface OneShotEnd {
  readonly end: WorkerEnd;
  /** Missing: it ended by itself. */
  readonly endedBy?: EndedBy;
  /** In the order in which they were finished. */
  readonly finished: readonly PageId[];
  /** In the order in which the child last named them. */
  readonly named: readonly PageId[];
  /** Outputs seen after the last naming: past one, the names do not follow the work. */
  readonly outputsSinceNamed: number;
  readonly broken: ReadonlyMap<PageId, string>;
  /** Files beside the outputs, relative to the output folder. */
  readonly others: readonly string[];
  /** The last lines that it wrote, without secrets, of its current page where it names pages. */
  readonly lastLines: readonly string[];
}

/** A running one-shot translator: a batch in its folder, outputs gathered while it runs. */
export class OneShotWorker {
  readonly pid: number | undefined;
  /** Settles when the worker is gone and what it left has been gathered. */
  readonly ended: Promise<OneShotEnd>;
  readonly #start: OneShotStart;
  readonly #process: WorkerProcess;
  readonly #outputs: BatchOutputs;
  readonly #names: PageNames;
  readonly #lastWords = new LastWords();
  /** Pages in the order in which they were last named, and when each was named first. */
  readonly #named = new Map<PageId, number>();
  readonly #finished = new Set<PageId>();
  readonly #started = new Set<PageId>();
  readonly #seconds: PageSeconds;
  readonly #quiet = new AwakeTime(Date.now());
  #outputsSinceNamed = 0;
  #endedBy: EndedBy | undefined;
  #lastNamed: PageId | undefined;
  /** Set while draining: the page named last when it began, and how many pages were whole, or copies, then. */
  #draining:
    | { readonly named: PageId | undefined; before?: { readonly whole: number; readonly copies: number } }
    | undefined;
  #wake = new AbortController();
  #settle: (end: WorkerEnd) => void = () => {};
  /** Settles with the process, or when it can't be killed. */
  readonly #over = new Promise<WorkerEnd>((resolve) => {
    this.#settle = resolve;
  });

  constructor(start: OneShotStart) {
    this.#start = start;
    const { pages, inputFolder, outputFolder, names, sourceBytes } = start;
    this.#outputs = new BatchOutputs({ folder: outputFolder, pages, names, sourceBytes });
    this.#names = new PageNames(pages, [inputFolder, outputFolder], names.nameInBatch);
    this.#seconds = new PageSeconds({
      startedMs: performance.now(),
      ...(start.habit && { habit: start.habit }),
      isFinished: (page) => this.#finished.has(page),
    });
    this.#process = startWorker(start.command, { env: start.env, guard: start.guard });
    this.pid = this.#process.pid;
    void this.#process.ended.then(this.#settle);
    this.#listen('stdout');
    this.#listen('stderr');
    this.ended = this.#watch().catch(async (error) => {
      // Nobody would look after it any more.
      await stopWorker(this.#process, { graceMs: 0 });
      throw error;
    });
  }

  /** Ends the worker as soon as the page that it is on is whole; at once where no page is known to be in flight. */
  drain(): void {
    if (this.#draining || this.#endedBy) return;
    this.#draining = { named: this.#lastNamed };
    this.#wake.abort();
  }

  /** Ends the worker now. */
  kill(): void {
    this.#stop('kill');
  }

  get #hadSign(): boolean {
    return this.#outputs.current !== undefined;
  }

  #listen(stream: 'stdout' | 'stderr'): void {
    const { redact } = this.#start;
    const reader = new LineReader((text, raw) => this.#line(stream, text, raw), redact && { redact });
    this.#process[stream].on('data', (chunk: Buffer) => reader.push(chunk));
    this.#process[stream].on('close', () => reader.end());
    this.#process[stream].on('error', () => {});
  }

  #line(stream: 'stdout' | 'stderr', text: string, raw: string): void {
    const page = this.#names.in(raw);
    if (page !== undefined) {
      const now = performance.now();
      this.#seconds.named(page, now);
      this.#lastNamed = page;
      const first = this.#named.get(page) ?? now;
      this.#named.delete(page);
      this.#named.set(page, first);
      this.#outputsSinceNamed = 0;
      if (this.#outputs.sign(page, now)) {
        this.#lastWords.forget();
        this.#pageStarted(page);
      }
      this.#signOfLife(Date.now());
    }
    this.#lastWords.add(text);
    this.#start.tell.line(stream, text, raw);
  }

  #pageStarted(page: PageId): void {
    if (this.#started.has(page) || this.#finished.has(page)) return;
    this.#started.add(page);
    this.#start.tell.pageStarted(page);
  }

  async #watch(): Promise<OneShotEnd> {
    let end: WorkerEnd | undefined;
    void this.#over.then((how) => {
      end = how;
      this.#wake.abort();
    });
    let lookedMs = 0;
    while (end === undefined) {
      const every = this.#draining ? LOOK_WHILE_DRAINING_MS : LOOK_EVERY_MS;
      const napMs = Math.min(Math.max(every, lookedMs * LOOK_AT_MOST_SHARE), LONGEST_NAP_MS);
      await this.#nap(napMs);
      if (end !== undefined) break;
      const before = performance.now();
      await this.#look();
      lookedMs = performance.now() - before;
      await this.#gather();
      this.#checkTimeouts(napMs);
      await this.#checkDrain();
    }
    const over = await this.#over;
    await this.#look({ isLast: true });
    await this.#gather(this.#endOf(over));
    return {
      end: over,
      ...(this.#endedBy !== undefined && { endedBy: this.#endedBy }),
      finished: [...this.#finished],
      named: [...this.#named.keys()],
      outputsSinceNamed: this.#outputsSinceNamed,
      broken: await this.#outputs.broken(),
      others: this.#outputs.others,
      lastLines: this.#lastWords.lines,
    };
  }

  /** Waits, unless the end of the worker or a drain comes in between. */
  async #nap(ms: number): Promise<void> {
    await delay(ms, undefined, { signal: this.#wake.signal }).catch(() => {});
    if (this.#wake.signal.aborted) this.#wake = new AbortController();
  }

  /** Waiting before this sign counts no more, not even what no tick has counted yet. */
  #signOfLife(now: number): void {
    this.#quiet.tick(now);
    this.#quiet.restart();
  }

  async #look({ isLast = false } = {}): Promise<void> {
    for (const { page, writtenMs } of await this.#outputs.look({ isLast })) {
      this.#seconds.written(page, writtenMs);
      this.#outputsSinceNamed += 1;
      this.#signOfLife(Date.now());
      this.#pageStarted(page);
    }
  }

  #endOf(end: WorkerEnd): ChildEnd {
    const byItself = this.#endedBy === undefined && end.by === 'exit';
    return {
      isGood: byItself && end.code === 0,
      tellsFailure: !byItself || tellsException(this.#lastWords.lines),
      namedMs: (page) => this.#named.get(page),
    };
  }

  async #gather(end?: ChildEnd): Promise<void> {
    const settled = await this.#outputs.settled(end);
    for (const { page, writtenMs } of settled) this.#seconds.written(page, writtenMs);
    const seconds = this.#seconds.take(settled.map(({ page }) => page));
    for (const found of settled) {
      this.#finished.add(found.page);
      this.#started.delete(found.page);
      await this.#start.tell.output(found, seconds.get(found.page));
    }
  }

  #checkTimeouts(napMs: number): void {
    this.#quiet.tick(Date.now(), napMs + TICK_BEYOND_NAP_MS);
    const limitMs = this.#hadSign ? this.#start.pageTimeoutMs : this.#start.startTimeoutMs;
    if (limitMs > 0 && this.#quiet.elapsedMs > limitMs)
      this.#stop(this.#hadSign ? 'page-timeout' : 'start-timeout');
  }

  async #checkDrain(): Promise<void> {
    const drain = this.#draining;
    if (!drain) return;
    const { whole, copies } = await this.#outputs.countUnsettled();
    const now = { whole: this.#finished.size + whole, copies };
    drain.before ??= now;
    const wentOn = drain.named !== undefined && this.#lastNamed !== drain.named;
    const hasMore = now.whole > drain.before.whole || now.copies > drain.before.copies;
    if (!this.#hadSign || wentOn || hasMore) this.#stop('drain');
  }

  #stop(by: EndedBy): void {
    if (this.#endedBy) {
      // A second Ctrl-C while a drained worker takes its time.
      if (by === 'kill' && this.pid !== undefined) signalGroup(this.pid, 'SIGKILL');
      return;
    }
    this.#endedBy = by;
    void stopWorker(this.#process, { graceMs: by === 'kill' ? 0 : GRACE_MS }).then(this.#settle);
  }
}
