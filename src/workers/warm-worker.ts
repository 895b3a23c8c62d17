import type { PageId } from '../model/page.ts';
import { AwakeTime } from './awake-time.ts';
import { LastWords } from './last-words.ts';
import {
  type DoneMessage,
  type FailedMessage,
  type PageRequest,
  type ReadyMessage,
  requestLine,
  type StageMessage,
  type WorkerLine,
} from './protocol.ts';
import {
  answerOf,
  lossOf,
  type PageAnswer,
  type Ready,
  type WarmEnd,
  type WarmEndedBy,
  type WorkerLoss,
} from './warm-answer.ts';
import type { WarmStart } from './warm-start.ts';
import { type ChannelListener, listenToWorker } from './worker-channel.ts';
import {
  signalGroup,
  startWorker,
  stopWorker,
  type WorkerEnd,
  type WorkerProcess,
} from './worker-process.ts';

/** One page at work, and one that the worker finds in its pipe when it is done with that. */
const MOST_IN_FLIGHT = 2;
const GRACE_MS = 5000;
/** Python takes seconds to take torch and its models apart; a worker that does so ends as it should. */
const LONGER_TO_UNLOAD = 6;

interface InFlight {
  readonly id: PageId;
  readonly answer: (answer: PageAnswer) => void;
  /** When it was written to the worker, and when the worker was free for it, on the monotonic clock. */
  readonly handedOverMs: number;
  beganMs: number;
}

type AboutPage = StageMessage | DoneMessage | FailedMessage;

/** A worker that loads once and takes a page at a time, from its start to its end. */
export class WarmWorker {
  readonly pid: number | undefined;
  /** Settles when the worker is ready or gone. Never rejects. */
  readonly ready: Promise<Ready>;
  /** Settles when the worker is gone; the pages in flight are answered just before. Never rejects. */
  readonly ended: Promise<WarmEnd>;
  readonly #start: Required<WarmStart>;
  readonly #process: WorkerProcess;
  readonly #quiet = new AwakeTime(Date.now());
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #inFlight: InFlight[] = [];
  readonly #words = new LastWords();
  #lastAnswered: PageId | undefined;
  #answered = 0;
  #wasReady = false;
  #finishing = false;
  #gone = false;
  #endedBy: WarmEndedBy | undefined;
  #breach: { readonly why: string; readonly otherProtocol?: number } | undefined;
  #settleReady: (ready: Ready) => void = () => {};
  #settle: (end: WorkerEnd) => void = () => {};

  constructor(start: WarmStart) {
    this.#start = { graceMs: GRACE_MS, redact: (text) => text, ...start };
    this.#process = startWorker(start.command, { env: start.env, guard: start.guard, stdin: true });
    this.pid = this.#process.pid;
    this.ready = new Promise((resolve) => {
      this.#settleReady = resolve;
    });
    // Settled by the process's end, or by the finding that it can't be killed.
    this.ended = new Promise<WorkerEnd>((resolve) => {
      this.#settle = resolve;
    }).then((end) => this.#conclude(end));
    void this.#process.ended.then(this.#settle);
    const ears: ChannelListener = {
      said: (line) => this.#hear(line),
      line: (stream, text) => this.#line(stream, text),
      closed: (pipe) => this.#closed(pipe),
    };
    listenToWorker(this.#process, ears, this.#start.redact);
    this.#watchTime();
  }

  /** Pages that are handed over and not answered. */
  get inFlight(): number {
    return this.#inFlight.length;
  }

  /** True while another page may be handed over: to an idle worker, or ahead to a busy one. */
  get takesPages(): boolean {
    const isOpen = this.#wasReady && !this.#finishing && !this.#endedBy && !this.#gone;
    return isOpen && this.#inFlight.length < MOST_IN_FLIGHT;
  }

  /**
   * Hands a page over once the worker is ready. A second one may be sent ahead while the first is at work: the worker
   * finds it as soon as it is done. Settles with what became of the page; never rejects.
   */
  translate(page: PageRequest): Promise<PageAnswer> {
    if (!this.#wasReady) throw new Error(`${page.id} was handed to a worker that isn't ready`);
    if (this.#inFlight.length >= MOST_IN_FLIGHT)
      throw new Error(`${page.id}: there is no room for a third page`);
    if (!this.takesPages) return this.ended.then(({ end }) => ({ by: 'handed-back', end }));
    return new Promise((answer) => {
      const nowMs = performance.now();
      this.#inFlight.push({ id: page.id, answer, handedOverMs: nowMs, beganMs: nowMs });
      // Never more than two pages wait in the pipe, so that what it takes in at once doesn't matter.
      this.#process.stdin?.write(requestLine(page));
      if (this.#inFlight.length === 1) this.#nextBegins();
    });
  }

  /**
   * Lets the worker finish its pages and end; it is stopped where it takes longer than the grace afterwards. One that isn't
   * ready yet has nothing to finish. Not context: pages that it hasn't finished within the grace are handed back.
   */
  finish({ isPatient = true } = {}): Promise<WarmEnd> {
    if (this.#finishing || this.#endedBy) return this.ended;
    this.#finishing = true;
    this.#process.stdin?.end();
    if (!this.#wasReady) this.#stop('finish');
    else if (!isPatient && this.#inFlight.length > 0) this.#afterGrace(() => this.#stopUnfinished());
    else if (this.#inFlight.length === 0) this.#afterGrace(() => this.#stop('finish'), LONGER_TO_UNLOAD);
    return this.ended;
  }

  /** Ends the worker now. Its pages are handed back. */
  kill(): Promise<WarmEnd> {
    this.#stop('kill');
    return this.ended;
  }

  #line(stream: 'stdout' | 'stderr', text: string): void {
    this.#words.add(text);
    this.#start.tell.line(stream, text);
  }

  #hear(line: Exclude<WorkerLine, { type: 'noise' }>): void {
    // Too late: it is being ended.
    if (this.#endedBy) return;
    if (line.type === 'invalid') this.#break(line.why);
    else if (line.type === 'other-protocol') this.#break(line.why, line.protocol);
    else if (line.type === 'ready') this.#becomeReady(line);
    else this.#take(line);
  }

  #becomeReady({ translator, version, device, loadSeconds }: ReadyMessage): void {
    if (this.#wasReady) this.#break('it said "ready" twice');
    this.#wasReady = true;
    this.#settleReady({ by: 'ready', translator, version, device, loadSeconds });
  }

  #take(message: AboutPage): void {
    const [page] = this.#inFlight;
    if (page?.id !== message.id) this.#strayed(message);
    else if (message.type === 'stage') this.#start.tell.stage(page.id, message.stage);
    else this.#answer(page, message);
  }

  #answer(page: InFlight, message: DoneMessage | FailedMessage): void {
    const answeredMs = performance.now();
    this.#inFlight.shift();
    this.#answered += 1;
    this.#lastAnswered = page.id;
    if (this.#inFlight.length > 0) this.#nextBegins();
    else if (this.#finishing) this.#afterGrace(() => this.#stop('finish'), LONGER_TO_UNLOAD);
    page.answer(
      answerOf(message, {
        measured: (answeredMs - page.beganMs) / 1000,
        // It may have looked at a page that was sent ahead before it answered the one at work.
        mostSeconds: (answeredMs - page.handedOverMs) / 1000,
      }),
    );
  }

  #strayed({ type, id }: AboutPage): void {
    const name = JSON.stringify(this.#start.redact(id).slice(0, 200));
    const again = id === this.#lastAnswered;
    // A stage that is told late, by a thread of its own perhaps, answers nothing.
    if (again && type === 'stage') return;
    this.#break(
      again ? `it answered ${name} twice` : `"${type}" about ${name}, which is not the page at work`,
    );
  }

  #nextBegins(): void {
    const [page] = this.#inFlight;
    if (!page) return;
    page.beganMs = performance.now();
    this.#quiet.tick(Date.now());
    this.#quiet.restart();
    this.#words.forget();
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

  #stopUnfinished(): void {
    if (this.#inFlight.length > 0) this.#stop('finish');
  }

  #afterGrace(act: () => void, times = 1): void {
    this.#timers.add(setTimeout(act, this.#start.graceMs * times).unref());
  }

  #break(why: string, otherProtocol?: number): void {
    if (this.#endedBy) return;
    this.#breach = { why, ...(otherProtocol !== undefined && { otherProtocol }) };
    this.#stop('breach');
  }

  #stop(by: WarmEndedBy): void {
    // Its number may be somebody else's by now.
    if (this.#gone) return;
    if (this.#endedBy) {
      // A second Ctrl-C while a worker takes its time to end.
      if (by === 'kill' && this.pid !== undefined) signalGroup(this.pid, 'SIGKILL');
      return;
    }
    this.#endedBy = by;
    void stopWorker(this.#process, { graceMs: by === 'kill' ? 0 : this.#start.graceMs }).then(this.#settle);
  }

  #conclude(end: WorkerEnd): WarmEnd {
    this.#gone = true;
    for (const timer of this.#timers) clearTimeout(timer);
    const [atWork, ...ahead] = this.#inFlight.splice(0);
    const loss = this.#loss(end, atWork);
    if (!this.#wasReady) this.#settleReady(loss ?? { by: 'stopped', end });
    atWork?.answer(loss ?? { by: 'handed-back', end });
    for (const { answer } of ahead) answer({ by: 'handed-back', end });
    return { end, wasReady: this.#wasReady, pages: this.#answered, ...(loss && { loss }) };
  }

  #loss(end: WorkerEnd, atWork: InFlight | undefined): WorkerLoss | undefined {
    const endedBy = this.#endedBy;
    const asTold = this.#finishing && !endedBy && !atWork;
    if (asTold || endedBy === 'kill' || endedBy === 'finish') return undefined;
    const { pageTimeoutMs, startTimeoutMs } = this.#start;
    return lossOf({ end, endedBy, ...this.#breach, lines: this.#words.lines, pageTimeoutMs, startTimeoutMs });
  }
}
