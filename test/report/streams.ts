import { Writable } from 'node:stream';
import type { Happening, RunEvent } from '../../src/model/events.ts';

/** A stream that keeps what it is given; a terminal where it is told so. */
export class TestStream extends Writable {
  text = '';
  readonly isTTY: boolean;
  readonly columns: number;
  readonly rows: number;

  constructor({ isTTY = false, columns = 80, rows = 24 } = {}) {
    super({ decodeStrings: false });
    this.isTTY = isTTY;
    this.columns = columns;
    this.rows = rows;
  }

  get lines(): string[] {
    return this.text.split('\n').slice(0, -1);
  }

  override _write(chunk: string | Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

/** A stream whose reader takes nothing until it is released. */
export class StuckStream extends TestStream {
  #release: (() => void) | undefined;
  #open = false;

  release(): void {
    this.#open = true;
    this.#release?.();
  }

  override _write(chunk: string | Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    if (this.#open) done();
    else this.#release = done;
  }
}

/** Events with times, seconds after the start of a run. */
export const at = (seconds: number, happening: Happening): RunEvent => ({
  ...happening,
  time: new Date(Date.UTC(2025, 0, 2, 3, 4, 5) + seconds * 1000).toISOString(),
});

/** How a run on GPUs of one kind begins. */
export const started = (slots: readonly string[], strategy = 'even'): RunEvent =>
  at(0, {
    type: 'run-started',
    v: 1,
    run: 'r1',
    gpus: slots.map((_, index) => ({ index, name: 'Tesla T4' })),
    slots,
    strategy,
    translator: 'script',
    options: {},
  });

/** A page that went well. */
export const translated = (page: string, slot: string, seconds: number): Happening => ({
  type: 'page-finished',
  page,
  slot,
  attempt: 1,
  outcome: 'translated',
  seconds,
  output: page,
});

/** A page that failed. */
export const failed = (page: string, message = 'CUDA out of memory'): Happening => ({
  type: 'page-finished',
  page,
  slot: 'gpu0-0',
  attempt: 3,
  outcome: 'failed',
  reason: 'oom',
  message,
});
