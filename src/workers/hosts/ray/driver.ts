import { cannotRun, type Refusal } from '../../../model/refusal.ts';
import { LastWords, mainLine, tellsComplaint } from '../../last-words.ts';
import { ProtocolLines } from '../../protocol-lines.ts';
import type { DriverCommand } from './driver-command.ts';
import { type DriverEvent, parseDriverLine } from './driver-event.ts';

/** A driver speaks lines of 1 MB, and escapes may make them longer. */
const LONGEST_LINE_BYTES = 8 * 1024 * 1024;
/** From the end of its input to its own end; actors then end by their lease. */
const END_MS = 8000;

const LONGEST_WORDS = 200;

/** The process of a driver. */
export interface DriverPipes {
  write(text: string): void;
  /** Nothing more will be written: it ends everything, and itself. */
  closeInput(): void;
  kill(): void;
  hear(ears: { out: (bytes: Buffer) => void; err: (text: string) => void }): void;
  /** Settles when it is gone and all that it said was heard, with how it ended: `SIGKILL`. Never rejects. */
  readonly ended: Promise<string>;
}

/** The program on the side of the cluster that holds GPUs and has workers started there: commands to it, events from it. */
export class RayDriver {
  /** Settles when it is gone, whyever. Never rejects. */
  readonly ended: Promise<void>;
  /** Settles when it is gone although it was not told to go. Never rejects. */
  readonly lost: Promise<void>;
  readonly #pipes: DriverPipes;
  readonly #words = new LastWords();
  readonly #listeners = new Set<(event: DriverEvent) => void>();
  #isClosing = false;
  #hasSpoken = false;
  #end = '';

  constructor(pipes: DriverPipes) {
    this.#pipes = pipes;
    this.ended = pipes.ended.then((how) => {
      this.#end = how;
    });
    this.lost = new Promise((resolve) => {
      void this.ended.then(() => {
        if (!this.#isClosing) resolve();
      });
    });
    const lines = new ProtocolLines(
      { line: (bytes) => this.#take(bytes.toString('utf8')), tooLong: () => {} },
      LONGEST_LINE_BYTES,
    );
    pipes.hear({ out: (bytes) => lines.push(bytes), err: (text) => this.#words.add(text) });
  }

  send(command: DriverCommand): void {
    if (!this.#isClosing) this.#pipes.write(`${JSON.stringify(command)}\n`);
  }

  /** Tells of every event from now on, until what comes back is called. */
  listen(listener: (event: DriverEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** True once it has said something that is understood. */
  get hasSpoken(): boolean {
    return this.#hasSpoken;
  }

  /** Why it is gone that was not told to go. */
  get lossWords(): string {
    const words = tellsComplaint(this.#words.lines) ? `: ${brief(mainLine(this.#words.lines))}` : '';
    return `the driver ended (${this.#end})${words}`;
  }

  /** Lets everything on the cluster end, and the driver with it. */
  async close(): Promise<void> {
    if (!this.#isClosing) {
      this.#isClosing = true;
      this.#pipes.closeInput();
    }
    const late = setTimeout(() => this.#pipes.kill(), END_MS);
    await this.ended;
    clearTimeout(late);
  }

  #take(line: string): void {
    const event = parseDriverLine(line);
    this.#hasSpoken ||= event !== undefined;
    if (event) for (const listener of [...this.#listeners]) listener(event);
  }
}

/** A line of Ray's log without its time and place, and no more of it than its first sentence where it has many. */
function brief(line: string): string {
  const words = line.replace(/^\[[^\]]*\] \S+:\d+: +/, '');
  return words.length > LONGEST_WORDS
    ? (/^.{20,}?[.](?= )/.exec(words)?.[0] ?? words).slice(0, LONGEST_WORDS)
    : words;
}

/** The run's end where the driver is gone. */
export const driverLost = (driver: Pick<RayDriver, 'lossWords'>): Refusal =>
  cannotRun(`the Ray cluster is lost: ${driver.lossWords}`, 'run the same command to resume');
