import type { PageId } from '../model/page.ts';
import { LastWords } from './last-words.ts';
import type { Redact } from './lines.ts';
import {
  type DoneMessage,
  type FailedMessage,
  type PageRequest,
  type ReadyMessage,
  requestLine,
  type StageMessage,
  type WorkerLine,
} from './protocol.ts';
import { answerOf, type PageAnswer, type Ready, type WorkerLoss } from './warm-answer.ts';
import type { WarmListener } from './warm-start.ts';
import type { WorkerEnd } from './worker-end.ts';

/** One page at work, and one that the worker finds in its pipe when it is done with that. */
const MOST_IN_FLIGHT = 2;

/** Stages of one page that are told of: a worker that says more counts something. */
const MOST_STAGES_TOLD = 100;

/** What a session is made with. */
interface SessionSetup {
  /** Writes a line to the worker, which hands this page over. */
  readonly send: (line: string, page: PageRequest) => void;
  readonly redact: Redact;
  readonly tell: WarmListener;
  /** The worker was sent a page, or went on to it. */
  readonly pageBegan: () => void;
  /** The worker is ready, or has answered all pages that it was sent. */
  readonly idle: () => void;
  /** The worker broke the protocol, for the first time. */
  readonly broken: (breach: Breach) => void;
}

/** What a worker did against the protocol. */
export interface Breach {
  readonly by: 'breach';
  readonly why: string;
  /** Set where it speaks another protocol. */
  readonly otherProtocol?: number;
}

interface InFlight {
  readonly id: PageId;
  readonly answer: (answer: PageAnswer) => void;
  /** When it was written to the worker, and when the worker was free for it, on the monotonic clock. */
  readonly handedOverMs: number;
  beganMs: number;
  /** The stage that it is in, and how many were told of. */
  stage?: string;
  stages: number;
}

type AboutPage = StageMessage | DoneMessage | FailedMessage;

/**
 * The protocol of a warm worker: what it was asked, what it answered, and what it wrote meanwhile. Knows no process: it is
 * told what the worker says, and in the end that it is gone.
 */
export class Session {
  /** Settles when the worker is ready or the session is over. Never rejects. */
  readonly ready: Promise<Ready>;
  readonly #setup: SessionSetup;
  readonly #inFlight: InFlight[] = [];
  readonly #words = new LastWords();
  #isReady = false;
  #answered = 0;
  #lastAnswered: PageId | undefined;
  #breach: Breach | undefined;
  #settleReady: (ready: Ready) => void = () => {};

  constructor(setup: SessionSetup) {
    this.#setup = setup;
    this.ready = new Promise((resolve) => {
      this.#settleReady = resolve;
    });
  }

  get isReady(): boolean {
    return this.#isReady;
  }

  /** Pages that are handed over and not answered. */
  get inFlight(): number {
    return this.#inFlight.length;
  }

  /** Pages that were answered. */
  get answered(): number {
    return this.#answered;
  }

  get breach(): Breach | undefined {
    return this.#breach;
  }

  /** The last lines that the worker wrote, of the page at work. */
  get lastWords(): readonly string[] {
    return this.#words.lines;
  }

  get hasRoom(): boolean {
    return this.#isReady && this.#inFlight.length < MOST_IN_FLIGHT;
  }

  /** Sends a page. Settles with what became of it; never rejects. */
  translate(page: PageRequest): Promise<PageAnswer> {
    return new Promise((answer) => {
      const nowMs = performance.now();
      this.#inFlight.push({ id: page.id, answer, handedOverMs: nowMs, beganMs: nowMs, stages: 0 });
      this.#setup.send(requestLine(page), page);
      if (this.#inFlight.length === 1) this.#nextBegins();
    });
  }

  /** A line of the worker's log. */
  log(stream: 'stdout' | 'stderr', text: string): void {
    this.#words.add(text);
    this.#setup.tell.line(stream, text);
  }

  /** Something that the worker said to the launcher. After a breach nothing that it says counts. */
  hear(line: Exclude<WorkerLine, { type: 'noise' }>): void {
    if (this.#breach) return;
    if (line.type === 'invalid') this.#break(line.why);
    else if (line.type === 'other-protocol') this.#break(line.why, line.protocol);
    else if (line.type === 'ready') this.#becomeReady(line);
    else this.#take(line);
  }

  /** The worker is gone: the page at work is lost with it where it was lost, and all others go back. */
  close(end: WorkerEnd, loss: WorkerLoss | undefined): void {
    const [atWork, ...ahead] = this.#inFlight.splice(0);
    if (!this.#isReady) this.#settleReady(loss ?? { by: 'stopped', end });
    atWork?.answer(loss ?? { by: 'handed-back', end });
    for (const { answer } of ahead) answer({ by: 'handed-back', end });
  }

  #becomeReady({ translator, version, device, loadSeconds, memoryBytes }: ReadyMessage): void {
    if (this.#isReady) {
      this.#break('it sent "ready" twice');
      return;
    }
    this.#isReady = true;
    this.#setup.idle();
    const held = memoryBytes !== undefined && { memoryBytes };
    this.#settleReady({ by: 'ready', translator, version, device, loadSeconds, ...held });
  }

  #take(message: AboutPage): void {
    const [page] = this.#inFlight;
    if (page?.id !== message.id) this.#strayed(message);
    else if (message.type === 'stage') this.#enter(page, message.stage);
    else this.#answer(page, message);
  }

  #enter(page: InFlight, stage: string): void {
    if (stage === page.stage || page.stages === MOST_STAGES_TOLD) return;
    page.stage = stage;
    page.stages += 1;
    this.#setup.tell.stage(page.id, stage);
  }

  #answer(page: InFlight, message: DoneMessage | FailedMessage): void {
    const answeredMs = performance.now();
    const said = this.#words.lines;
    this.#inFlight.shift();
    this.#answered += 1;
    this.#lastAnswered = page.id;
    if (this.#inFlight.length > 0) this.#nextBegins();
    else this.#setup.idle();
    page.answer(
      answerOf(
        message,
        {
          measured: (answeredMs - page.beganMs) / 1000,
          // It may have looked at a page that was sent ahead before it answered the one at work.
          mostSeconds: (answeredMs - page.handedOverMs) / 1000,
        },
        said,
      ),
    );
  }

  #strayed({ type, id }: AboutPage): void {
    const name = JSON.stringify(this.#setup.redact(id).slice(0, 200));
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
    this.#setup.pageBegan();
    this.#words.forget();
    this.#setup.tell.pageStarted(page.id);
  }

  #break(why: string, otherProtocol?: number): void {
    this.#breach = { by: 'breach', why, ...(otherProtocol !== undefined && { otherProtocol }) };
    this.#setup.broken(this.#breach);
  }
}
