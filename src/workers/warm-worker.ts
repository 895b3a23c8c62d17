import type { PageId } from '../pages/page.ts';
import type { Command } from '../translators/translator.ts';
import { AwakeTime } from './awake-time.ts';
import type { Guard } from './guard.ts';
import { LastWords } from './last-words.ts';
import { LineReader } from './lines.ts';
import { parseWorkerLine, type PageRequest, requestLine, type WorkerMessage } from './protocol.ts';
import { ProtocolLines } from './protocol-lines.ts';
import {
  answerOf,
  lossOf,
  type PageAnswer,
  type Ready,
  type WarmEnd,
  type WarmEndedBy,
  type WorkerLoss,
} from './warm-answer.ts';
import { signalGroup, startWorker, stopWorker, type WorkerEnd, type WorkerProcess } from './worker-process.ts';

/** One page at work, and one that the worker finds in its pipe when it is done with that. */
const MOST_IN_FLIGHT = 2;
const GRACE_MS = 5000;
/** A page that crashed its worker within this time may have said so before the page before it was answered. */
const JUST_BEGUN_MS = 250;

/** What a warm worker is started with. */
export interface WarmStart {
  readonly command: Command;
  readonly env: Readonly<Record<string, string>>;
  readonly guard: Guard;
  /** Time a page may be at work; 0: no limit. */
  readonly pageTimeoutMs: number;
  /** Time until `ready`; 0: no limit. */
  readonly startTimeoutMs: number;
  /** Time that a worker has to end after it was asked, or after it closed a pipe. */
  readonly graceMs?: number;
  readonly tell: WarmListener;
}

export interface WarmListener {
  /** A line of its log; what comes on stdout is noise: it is no line of the protocol. */
  line(stream: 'stdout' | 'stderr', text: string): void;
  /** The worker's turn came to this page: it was handed over, or the page before it was answered. */
  pageStarted(page: PageId): void;
  stage(page: PageId, stage: string): void;
}

interface InFlight {
  readonly id: PageId;
  readonly answer: (answer: PageAnswer) => void;
  sinceMs: number;
}

/** A worker that loads once and takes a page at a time, from its start to its end. */
export class WarmWorker {
  readonly pid: number | undefined;
  /** Settles when the worker is ready or gone. Never rejects. */
  readonly ready: Promise<Ready>;
  /** Settles when the worker is gone; the pages in flight are answered just before. Never rejects. */
  readonly ended: Promise<WarmEnd>;
  readonly #start: WarmStart;
  readonly #graceMs: number;
  readonly #process: WorkerProcess;
  readonly #startedMs = Date.now();
  readonly #quiet = new AwakeTime(Date.now());
  readonly #noise = new LineReader((text) => this.#line('stdout', text));
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #inFlight: InFlight[] = [];
  #words = new LastWords();
  #wordsBefore: readonly string[] = [];
  #lastAnswered: PageId | undefined;
  #answered = 0;
  #wasReady = false;
  #finishing = false;
  #endedBy: WarmEndedBy | undefined;
  #breach: { readonly why: string; readonly otherProtocol?: number } | undefined;
  #settleReady: (ready: Ready) => void = () => {};
  #settle: (end: WorkerEnd) => void = () => {};

  constructor(start: WarmStart) {
    this.#start = start;
    this.#graceMs = start.graceMs ?? GRACE_MS;
    this.#process = startWorker(start.command, { env: start.env, guard: start.guard, stdin: true });
    this.pid = this.#process.pid;
    this.ready = new Promise((resolve) => {
      this.#settleReady = resolve;
    });
    // The process's end, or that it can't be killed.
    this.ended = new Promise<WorkerEnd>((resolve) => {
      this.#settle = resolve;
    }).then((end) => this.#conclude(end));
    void this.#process.ended.then(this.#settle);
    this.#listen();
    this.#watchTime();
  }

  /** Pages that are handed over and not answered. */
  get inFlight(): number {
    return this.#inFlight.length;
  }

  /** True while another page may be handed over: to an idle worker, or ahead to a busy one. */
  get takesPages(): boolean {
    return this.#wasReady && !this.#finishing && !this.#endedBy && this.#inFlight.length < MOST_IN_FLIGHT;
  }

  /**
   * Hands a page over once the worker is ready. A second one may be sent ahead while the first is at work: the worker
   * finds it as soon as it is done. Settles with what became of the page; never rejects.
   */
  translate(page: PageRequest): Promise<PageAnswer> {
    if (!this.#wasReady) throw new Error(`${page.id} was handed to a worker that isn't ready`);
    if (this.#inFlight.length >= MOST_IN_FLIGHT) throw new Error(`${page.id} was handed to a worker with no room for it`);
    if (!this.takesPages) return this.ended.then(({ end }) => ({ by: 'handed-back', end }));
    return new Promise((answer) => {
      this.#inFlight.push({ id: page.id, answer, sinceMs: 0 });
      // Never more than two pages wait in the pipe, so that what it takes in at once doesn't matter.
      this.#process.stdin?.write(requestLine(page));
      if (this.#inFlight.length === 1) this.#nextBegins();
    });
  }

  /**
   * Lets the worker finish its pages and end; it is ended where it takes longer than the grace afterwards. One that isn't
   * ready yet has nothing to finish.
   */
  finish(): Promise<WarmEnd> {
    if (this.#finishing || this.#endedBy) return this.ended;
    this.#finishing = true;
    this.#process.stdin?.end();
    if (!this.#wasReady) this.#stop('finish');
    else if (this.#inFlight.length === 0) this.#stopAfterGrace();
    return this.ended;
  }

  /** Ends the worker now. Its pages are handed back. */
  kill(): Promise<WarmEnd> {
    this.#stop('kill');
    return this.ended;
  }

  #listen(): void {
    const { stdin, stdout, stderr } = this.#process;
    const lines = new ProtocolLines({
      line: (bytes) => this.#protocolLine(bytes),
      tooLong: (head, missing) => this.#line('stdout', `${head.toString('utf8', 0, 200)}… [${head.length + missing} bytes]`),
    });
    const log = new LineReader((text) => this.#line('stderr', text));
    stdout.on('data', (chunk: Buffer) => lines.push(chunk));
    stderr.on('data', (chunk: Buffer) => log.push(chunk));
    stdout.on('end', () => {
      lines.end();
      this.#closed('stdout');
    });
    stderr.on('end', () => log.end());
    stdin?.on('error', () => this.#closed('stdin'));
    for (const stream of [stdout, stderr]) stream.on('error', () => {});
  }

  #line(stream: 'stdout' | 'stderr', text: string): void {
    this.#words.add(text);
    this.#start.tell.line(stream, text);
  }

  #protocolLine(bytes: Buffer): void {
    const message = parseWorkerLine(bytes.toString('utf8'));
    if (message.type === 'noise') {
      this.#noise.push(bytes);
      this.#noise.end();
    } else if (this.#endedBy) return;
    else if (message.type === 'invalid') this.#break(message.why);
    else if (message.type === 'other-protocol') this.#break(message.why, message.protocol);
    else this.#take(message);
  }

  #take(message: WorkerMessage): void {
    if (message.type === 'ready') {
      if (this.#wasReady) return this.#break('it said "ready" twice');
      this.#wasReady = true;
      const { translator, version, device, loadSeconds } = message;
      return this.#settleReady({ by: 'ready', translator, version, device, loadSeconds });
    }
    const [page] = this.#inFlight;
    if (page?.id !== message.id) return this.#strayed(message);
    if (message.type === 'stage') return this.#start.tell.stage(page.id, message.stage);
    this.#inFlight.shift();
    this.#answered += 1;
    this.#lastAnswered = page.id;
    if (this.#inFlight.length > 0) this.#nextBegins();
    else if (this.#finishing) this.#stopAfterGrace();
    page.answer(answerOf(message, (Date.now() - page.sinceMs) / 1000));
  }

  #strayed({ type, id }: Exclude<WorkerMessage, { type: 'ready' }>): void {
    const name = JSON.stringify(id.slice(0, 200));
    const again = id === this.#lastAnswered;
    // A stage that is told late, by a thread of its own perhaps, answers nothing.
    if (again && type === 'stage') return;
    this.#break(again ? `it answered ${name} twice` : `a "${type}" line about ${name}, which is not the page at work`);
  }

  #nextBegins(): void {
    const [page] = this.#inFlight;
    if (!page) return;
    page.sinceMs = Date.now();
    this.#quiet.tick(page.sinceMs);
    this.#quiet.restart();
    this.#wordsBefore = this.#words.lines;
    this.#words = new LastWords();
    this.#start.tell.pageStarted(page.id);
  }

  #watchTime(): void {
    const limits = [this.#start.pageTimeoutMs, this.#start.startTimeoutMs].filter((limitMs) => limitMs > 0);
    if (limits.length === 0) return;
    const everyMs = Math.min(1000, Math.max(10, Math.min(...limits) / 10));
    this.#timers.add(setInterval(() => this.#checkTime(), everyMs).unref());
  }

  #checkTime(): void {
    this.#quiet.tick(Date.now());
    const { pageTimeoutMs, startTimeoutMs } = this.#start;
    if (!this.#wasReady) {
      if (startTimeoutMs > 0 && this.#quiet.elapsedMs > startTimeoutMs) this.#stop('start-timeout');
    } else if (this.#inFlight.length > 0 && pageTimeoutMs > 0 && this.#quiet.elapsedMs > pageTimeoutMs) {
      this.#stop('page-timeout');
    }
  }

  /** A pipe is closed: at a worker's end that is as it should be, and an end may take a moment. */
  #closed(pipe: 'stdin' | 'stdout'): void {
    if (pipe === 'stdin' && this.#finishing) return;
    this.#afterGrace(() => this.#break(`it closed its ${pipe} and stayed`));
  }

  #stopAfterGrace(): void {
    this.#afterGrace(() => this.#stop('finish'));
  }

  #afterGrace(act: () => void): void {
    this.#timers.add(setTimeout(act, this.#graceMs).unref());
  }

  #break(why: string, otherProtocol?: number): void {
    if (this.#endedBy) return;
    this.#breach = { why, ...(otherProtocol !== undefined && { otherProtocol }) };
    this.#stop('breach');
  }

  #stop(by: WarmEndedBy): void {
    if (this.#endedBy) {
      // A second Ctrl-C while a worker takes its time to end.
      if (by === 'kill' && this.pid !== undefined) signalGroup(this.pid, 'SIGKILL');
      return;
    }
    this.#endedBy = by;
    void stopWorker(this.#process, { graceMs: by === 'kill' ? 0 : this.#graceMs }).then(this.#settle);
  }

  #conclude(end: WorkerEnd): WarmEnd {
    for (const timer of this.#timers) clearTimeout(timer);
    const pages = this.#inFlight.splice(0);
    const loss = this.#loss(end, pages.length > 0);
    if (!this.#wasReady) this.#settleReady(loss ?? { by: 'stopped', end });
    for (const [turn, { answer }] of pages.entries()) {
      answer(turn === 0 && loss ? loss : { by: 'handed-back', end });
    }
    return { end, wasReady: this.#wasReady, pages: this.#answered, ...(loss && { loss }) };
  }

  #loss(end: WorkerEnd, hadPages: boolean): WorkerLoss | undefined {
    if (this.#endedBy === 'kill' || this.#endedBy === 'finish') return undefined;
    if (this.#finishing && !this.#endedBy && !hadPages) return undefined;
    const [page] = this.#inFlight;
    const justBegun = page !== undefined && Date.now() - page.sinceMs < JUST_BEGUN_MS;
    const lines = this.#words.lines.length === 0 && justBegun ? this.#wordsBefore : this.#words.lines;
    const { pageTimeoutMs, startTimeoutMs } = this.#start;
    const ended = { end, endedBy: this.#endedBy, ...this.#breach, lines, pageTimeoutMs, startTimeoutMs };
    return lossOf(ended);
  }
}
