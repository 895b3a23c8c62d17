import { join } from 'node:path';
import { type Logger, type LoggerOptions, pino, stdTimeFunctions } from 'pino';
import type { LogLevel } from '../model/events.ts';
import type { SlotId } from '../model/slot.ts';
import { shorten } from './escape.ts';
import { HeadTailFile, type HeadTailLimits } from './head-tail-file.ts';
import { WriteQueue } from './write-queue.ts';

const MEGABYTE = 1024 * 1024;
const LINE_CHARACTERS = MEGABYTE;

/** How much of a worker's lines is kept on disk, and how much may wait for it. */
export interface WorkerLogLimits extends HeadTailLimits {
  readonly backlogBytes: number;
}

const LIMITS: WorkerLogLimits = {
  headBytes: 32 * MEGABYTE,
  segmentBytes: 16 * MEGABYTE,
  backlogBytes: 4 * MEGABYTE,
};

/** One line of a worker's output. */
export interface WorkerLine {
  readonly stream: 'stdout' | 'stderr';
  readonly text: string;
  readonly level: LogLevel;
}

/** Where a slot's log is to be. */
export interface WorkerLogPlace {
  /** Created where it is missing. */
  readonly folder: string;
  readonly slot: SlotId;
  /** Told once why the log could not be written (the disk is full); it is silent from then on. */
  readonly onError: (error: Error) => void;
  readonly limits?: WorkerLogLimits;
}

/** No `redact`: a line comes here without its secrets, since it was shortened and shown before. */
const FORMAT: LoggerOptions = {
  level: 'debug',
  timestamp: stdTimeFunctions.isoTime,
  formatters: { level: (level) => ({ level }) },
};

/**
 * The log of a slot's workers, one JSON line each: `FOLDER/SLOT.log`. Memory stays fixed, whatever a worker floods it with.
 * Each slot has a logger, no child of a common one: a child writes to its parent's destination, and each slot has a file.
 */
export class WorkerLog {
  readonly #file: HeadTailFile;
  readonly #queue: WriteQueue;
  readonly #logger: Logger;
  readonly #onError: (error: Error) => void;
  readonly #limits: WorkerLogLimits;
  #overrun = { lines: 0, bytes: 0 };

  constructor({ folder, slot, onError, limits = LIMITS }: WorkerLogPlace) {
    this.#limits = limits;
    let told = false;
    this.#onError = (error) => {
      if (!told) onError(error);
      told = true;
    };
    this.#file = new HeadTailFile(join(folder, `${slot}.log`), limits);
    this.#queue = new WriteQueue((chunk) => this.#file.append(chunk), this.#onError);
    this.#logger = pino({ ...FORMAT, base: { slot } }, this.#queue);
  }

  /** Writes one line, or counts it as dropped while the disk can't keep up. Never throws. */
  write({ stream, text, level }: WorkerLine): void {
    if (this.#queue.backlogBytes > this.#limits.backlogBytes) {
      this.#overrun.lines += 1;
      this.#overrun.bytes += text.length;
      return;
    }
    this.#noteOverrun();
    this.#logger[level]({ stream }, shorten(text, LINE_CHARACTERS));
  }

  /** Settles once the log is complete on disk. Nothing may be written after it. Never rejects. */
  async close(): Promise<void> {
    this.#noteOverrun();
    await this.#queue.drained();
    const describe = ({ lines, bytes }: { lines: number; bytes: number }): string =>
      `${JSON.stringify({ level: 'warn', msg: `${lines} lines (${bytes} bytes) left out here: head and tail are kept` })}\n`;
    await this.#file.close(describe).catch(this.#onError);
  }

  #noteOverrun(): void {
    const { lines, bytes } = this.#overrun;
    if (lines === 0) return;
    this.#overrun = { lines: 0, bytes: 0 };
    this.#logger.warn(`${lines} lines (${bytes} characters) left out: the disk was slower than the worker`);
  }
}
