import path from 'node:path';
import type { PageId } from '../model/page.ts';
import { BatchOutputs } from './batch-outputs.ts';
import type { ChildEnd } from './found-output.ts';
import type { WorkerChannel } from './hosts/host.ts';
import { LastWords, tellsException } from './last-words.ts';
import { LineReader } from './lines.ts';
import { napMsAfter } from './look-pace.ts';
import { NamedPages } from './named-pages.ts';
import { Nap } from './nap.ts';
import type { EndedBy, OneShotEnd, OneShotReason } from './one-shot-end.ts';
import { ENDING, type OneShotStart } from './one-shot-start.ts';
import { PageBoundary } from './page-boundary.ts';
import { PageNames } from './page-names.ts';
import { PageSeconds } from './page-seconds.ts';
import { Supervisor } from './supervisor.ts';
import type { WorkerEnd } from './worker-end.ts';

/** What looking and recording may add to a nap before the clock is taken to have jumped. */
const TICK_BEYOND_NAP_MS = 2000;
/** What they are takes the longer to tell the more there are. */
const ASK_NAMES_AGAIN_AT = 1.1;

/** A running one-shot translator: a batch in its folder, outputs gathered while it runs. */
export class OneShotWorker {
  /** Where it lives. */
  readonly channel: Pick<WorkerChannel, 'id' | 'started'>;
  /** Settles when the worker is gone and what it left has been gathered. */
  readonly ended: Promise<OneShotEnd>;
  readonly #start: OneShotStart;
  readonly #supervisor: Supervisor<OneShotReason>;
  readonly #outputs: BatchOutputs;
  readonly #names: PageNames;
  readonly #lastWords = new LastWords();
  readonly #named = new NamedPages();
  readonly #finished = new Set<PageId>();
  readonly #started = new Set<PageId>();
  readonly #seconds: PageSeconds;
  readonly #nap = new Nap();
  readonly #startedMs = performance.now();
  #hasSign = false;
  /** Set once all pages are done: the child has only to end. */
  #isDone = false;
  #lastNamedMs = 0;
  /** With so many unnamed images it is asked next what they are. */
  #askNamesAt = 1;
  /** Set while draining. */
  #boundary: PageBoundary | undefined;

  constructor(start: OneShotStart) {
    this.#start = start;
    const { pages, inputFolder, outputFolder, names, pageTimeoutMs, startTimeoutMs, starts } = start;
    // Outputs may be in any folder of the batch, which holds the input folder.
    this.#outputs = new BatchOutputs({ ...start, folder: outputFolder, root: path.dirname(inputFolder) });
    this.#names = new PageNames(pages, [inputFolder, outputFolder], names.nameInBatch);
    this.#seconds = new PageSeconds({
      startedMs: this.#startedMs,
      ...(start.habit && { habit: start.habit }),
      isFinished: (page) => this.#finished.has(page),
    });
    const { channel } = start;
    this.channel = channel;
    this.#supervisor = new Supervisor({
      channel,
      pageTimeoutMs,
      startTimeoutMs,
      mostMs: () => starts?.mostMs({ pages: pages.length, pageTimeoutMs }),
    });
    this.#listen(channel);
    this.ended = this.#watch().catch(async (error) => {
      // Nobody would look after it any more.
      this.#supervisor.kill();
      await this.#supervisor.ended;
      throw error;
    });
  }

  /** Ends the worker as soon as the page that it is on is whole; at once where no page is known to be in flight. */
  drain(): void {
    if (!this.#supervisor.drain()) return;
    this.#boundary = new PageBoundary(this.#named.last);
    this.#nap.wake();
  }

  /** Ends the worker, which fails one page after the other: what follows is to be decided before it has failed all. */
  giveUp(): void {
    this.#supervisor.stop({ by: 'failing' });
  }

  /** Ends the worker now. */
  kill(): void {
    this.#supervisor.kill();
  }

  #listen(channel: WorkerChannel): void {
    const { redact } = this.#start;
    const readerOf = (stream: 'stdout' | 'stderr'): LineReader =>
      new LineReader((text, raw) => this.#line(stream, text, raw), redact && { redact });
    const readers = { stdout: readerOf('stdout'), stderr: readerOf('stderr') };
    channel.hear({
      said: (pipe, bytes) => readers[pipe].push(bytes),
      closed: (pipe) => {
        if (pipe !== 'stdin') readers[pipe].end();
      },
    });
  }

  #line(stream: 'stdout' | 'stderr', text: string, raw: string): void {
    const page = this.#names.in(raw);
    if (page !== undefined) {
      const now = performance.now();
      this.#lastNamedMs = now;
      this.#seconds.named(page, now);
      this.#named.named(page, now);
      if (this.#outputs.signs.sign(page, now)) {
        this.#lastWords.forget();
        this.#pageStarted(page);
      }
      this.#expectPage();
    }
    this.#lastWords.add(text);
    this.#start.tell.line(stream, text, raw);
  }

  #expectPage(): void {
    if (!this.#hasSign) this.#start.starts?.saw(performance.now() - this.#startedMs);
    this.#hasSign = true;
    if (!this.#isDone) this.#supervisor.expect('page');
  }

  #pageStarted(page: PageId): void {
    if (this.#started.has(page) || this.#finished.has(page)) return;
    this.#started.add(page);
    this.#start.tell.pageStarted(page);
  }

  async #watch(): Promise<OneShotEnd> {
    void this.#supervisor.ended.then(() => this.#nap.wake());
    let lookedMs = 0;
    for (;;) {
      const napMs = napMsAfter(lookedMs, { isDraining: this.#supervisor.state.is === 'draining' });
      await this.#nap.for(napMs);
      if (this.#supervisor.state.is === 'gone') break;
      const before = performance.now();
      await this.#look();
      await this.#checkPlace();
      lookedMs = performance.now() - before;
      await this.#lookAtUnnamed();
      await this.#gather();
      await this.#checkDone();
      // Not before: the look may have found what the worker did in time.
      this.#supervisor.checkTime(napMs + TICK_BEYOND_NAP_MS);
      await this.#checkDrain();
    }
    const end = await this.#supervisor.ended;
    const endedBy = this.#supervisor.stopReason?.by;
    const childEnd = this.#childEnd(end, endedBy);
    await this.#look({ isLast: true });
    await this.#gather(childEnd);
    if (this.#outputs.areNone && this.#start.learnNames?.(this.#outputs.others, childEnd)) {
      await this.#look({ isLast: true });
      await this.#gather(childEnd);
    }
    return {
      end,
      ...(endedBy !== undefined && { endedBy }),
      finished: [...this.#finished],
      named: this.#named.inOrder,
      outputsSinceNamed: this.#named.outputsSince,
      broken: await this.#outputs.broken(),
      others: this.#outputs.others,
      lastLines: this.#lastWords.lines,
    };
  }

  async #look({ isLast = false } = {}): Promise<void> {
    for (const { page, writtenMs } of await this.#outputs.look({ isLast })) {
      this.#seconds.written(page, writtenMs);
      this.#named.countOutput();
      this.#expectPage();
      this.#pageStarted(page);
    }
  }

  /** Images under names that nobody knows: signs that the child works, and what they are may be clear before its end. */
  async #lookAtUnnamed(): Promise<void> {
    const fresh = this.#outputs.unnamed.takeFresh();
    if (fresh.length === 0) return;
    this.#expectPage();
    for (const { page, name } of fresh) {
      this.#pageStarted(page);
      this.#start.tell.pageWritten?.(page, name);
    }
    const { size } = this.#outputs.unnamed;
    if (size < this.#askNamesAt) return;
    this.#askNamesAt = Math.ceil(size * ASK_NAMES_AGAIN_AT);
    if (this.#start.learnNames?.(this.#outputs.others)) await this.#look();
  }

  /** Ends a child whose pages are to be paid for a second time, as they are made where nobody looks. */
  async #checkPlace(): Promise<void> {
    const { isMisplacing } = this.#start;
    if (!isMisplacing || this.#supervisor.state.is !== 'running') return;
    if (!this.#outputs.areNone) return;
    if (await isMisplacing(this.#outputs.others)) this.#supervisor.stop({ by: 'misplaced' });
  }

  #childEnd(end: WorkerEnd, endedBy: EndedBy | undefined): ChildEnd {
    const byItself = endedBy === undefined && end.by === 'exit';
    return {
      isGood: byItself && end.code === 0,
      tellsFailure: !byItself || tellsException(this.#lastWords.lines),
      namedMs: (page) => this.#named.firstMs(page),
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

  /** Takes the last outputs once nothing more is to come, and gives the child its time to end. */
  async #checkDone(): Promise<void> {
    const { pages, ending: { doneAfterMs, endWithinMs } = ENDING } = this.#start;
    if (this.#isDone || this.#supervisor.state.is !== 'running') return;
    if (!(await this.#outputs.areDone(doneAfterMs))) return;
    if (performance.now() - this.#lastNamedMs < doneAfterMs) return;
    await this.#gather({ isGood: true, tellsFailure: false, namedMs: () => undefined });
    if (this.#finished.size < pages.length) return;
    this.#isDone = true;
    this.#supervisor.expect('nothing');
    this.#supervisor.stopAfter(endWithinMs, { by: 'done' });
  }

  async #checkDrain(): Promise<void> {
    if (!this.#boundary || this.#supervisor.state.is !== 'draining') return;
    const { whole, copies } = await this.#outputs.countUnsettled();
    const now = { named: this.#named.last, whole: this.#finished.size + whole, copies };
    const isOnPage = this.#outputs.signs.current !== undefined && !this.#isDone;
    if (this.#boundary.isPassed(now) || !isOnPage) this.#supervisor.stop({ by: 'drain' });
  }
}
