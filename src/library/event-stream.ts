import type { RunEvent } from '../model/events.ts';

/** Lines of translators that wait for a slow reader; more are left out. All other events are kept. */
const WAITING_LINES = 10_000;

/** Events for one reader: what it has not taken yet waits for it. */
class Subscription implements AsyncIterableIterator<RunEvent> {
  #waiting: RunEvent[] = [];
  #next = 0;
  #wake: (() => void) | undefined;
  #end: { readonly error?: unknown } | undefined;
  readonly #leave: () => void;

  constructor(leave: (self: Subscription) => void) {
    this.#leave = () => leave(this);
  }

  push(event: RunEvent): void {
    if (event.type === 'worker-log' && this.#waiting.length - this.#next >= WAITING_LINES) return;
    this.#waiting.push(event);
    this.#wake?.();
  }

  end(end: { readonly error?: unknown }): void {
    this.#end ??= end;
    this.#wake?.();
  }

  async next(): Promise<IteratorResult<RunEvent, undefined>> {
    while (this.#next >= this.#waiting.length) {
      this.#waiting = [];
      this.#next = 0;
      if (this.#end) return this.#finish(this.#end);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const value = this.#waiting[this.#next++];
    return value === undefined ? this.next() : { done: false, value };
  }

  async return(): Promise<IteratorResult<RunEvent, undefined>> {
    this.#leave();
    this.end({});
    this.#waiting = [];
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #finish(end: { readonly error?: unknown }): IteratorResult<RunEvent, undefined> {
    this.#end = {};
    if ('error' in end) throw end.error;
    return { done: true, value: undefined };
  }
}

/** Hands a run's events to whoever asked for them before they happened. */
export class EventStream {
  readonly #readers = new Set<Subscription>();
  #end: { readonly error?: unknown } | undefined;

  push(event: RunEvent): void {
    for (const reader of this.#readers) reader.push(event);
  }

  /** No more events; `error` is thrown to every reader. Tells whether there was one. */
  end(end: { readonly error?: unknown }): boolean {
    this.#end = end;
    for (const reader of this.#readers) reader.end(end);
    return this.#readers.size > 0;
  }

  subscribe(): AsyncIterableIterator<RunEvent> {
    const reader = new Subscription((self) => this.#readers.delete(self));
    if (this.#end) reader.end(this.#end);
    this.#readers.add(reader);
    return reader;
  }
}
