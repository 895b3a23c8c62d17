import type { PageId } from '../model/page.ts';
import type { SlotId } from '../model/slot.ts';
import { RefusedPages } from './refused-pages.ts';

const FIRST_WAIT_SECONDS = 2;
const LONGEST_WAIT_SECONDS = 120;
/** What a service asks for is believed up to here. */
const LONGEST_RETRY_AFTER_SECONDS = 600;
/** Of a wait, as much is added by chance: other machines may wait for the same service. */
const JITTER = 0.25;

/** What a refusal leads to. */
export type Refused =
  /** `isNew`: nobody waited for that time before. */
  | { readonly by: 'wait'; readonly seconds: number; readonly isNew: boolean }
  /** Others pass, and this page never does: it has failed. */
  | { readonly by: 'page' }
  /** The service has refused for longer than anybody wants to wait. */
  | { readonly by: 'given-up' };

/**
 * The wait for a service that refuses pages: everybody waits, one slot asks again with another page, and the others follow
 * once that is answered.
 */
export class ServiceGate {
  readonly #longestMs: number;
  readonly #random: () => number;
  readonly #pages = new RefusedPages();
  #closed:
    | {
        readonly sinceMs: number;
        readonly untilMs: number;
        readonly waits: number;
        probe: SlotId | undefined;
      }
    | undefined;

  /** @param longestMs how long it may refuse before the run ends; 0: for ever. @param random 0 to 1 */
  constructor(longestMs: number, random: () => number = Math.random) {
    this.#longestMs = longestMs;
    this.#random = random;
  }

  /** When somebody may ask again, on the clock of the calls; undefined where nobody waits for that time. */
  get opensAtMs(): number | undefined {
    return this.#closed?.probe === undefined ? this.#closed?.untilMs : undefined;
  }

  get isOpen(): boolean {
    return this.#closed === undefined;
  }

  /** True for a slot that may ask now. */
  mayAsk(nowMs: number): boolean {
    const closed = this.#closed;
    return !closed || (closed.probe === undefined && nowMs >= closed.untilMs);
  }

  /** True for a slot whose page may reach the service, although it had to wait meanwhile. */
  mayGoOn(slot: SlotId): boolean {
    return !this.#closed || this.#closed.probe === slot;
  }

  /** Pages that were refused, and that it is time to ask about again while others pass. */
  duePages(): readonly PageId[] {
    return this.#closed ? [] : this.#pages.due;
  }

  /** The slot asks. */
  asked(slot: SlotId): void {
    if (this.#closed) this.#closed.probe = slot;
  }

  /** A page went well. Where the slot was the one to ask again, whoever waits may go on; else it had asked before. */
  answered(slot: SlotId, page: PageId): void {
    this.#pages.answered(page);
    if (this.#closed?.probe === slot) this.#closed = undefined;
  }

  /** What the slot asked came to nothing that the service has to do with. */
  notAsked(slot: SlotId): void {
    if (this.#closed?.probe === slot) this.#closed.probe = undefined;
  }

  /** The page failed for another reason: when it comes again is for others to say. */
  forget(page: PageId): void {
    this.#pages.forget(page);
  }

  /** A page was refused; `retryAfterSeconds` as the service said. */
  refused(
    { slot, page, retryAfterSeconds }: { slot: SlotId; page: PageId; retryAfterSeconds?: number | undefined },
    nowMs: number,
  ): Refused {
    const closed = this.#closed;
    if (this.#pages.refused(page)) {
      this.#pages.forget(page);
      return { by: 'page' };
    }
    // Asked before the others knew: it says nothing new.
    if (closed && closed.probe !== slot)
      return { by: 'wait', seconds: Math.max(0, closed.untilMs - nowMs) / 1000, isNew: false };
    const sinceMs = closed?.sinceMs ?? nowMs;
    if (this.#longestMs > 0 && nowMs - sinceMs >= this.#longestMs) return { by: 'given-up' };
    const waits = closed ? closed.waits + 1 : 0;
    const seconds = this.#wait(waits, retryAfterSeconds);
    this.#closed = { sinceMs, untilMs: nowMs + seconds * 1000, waits, probe: undefined };
    return { by: 'wait', seconds, isNew: true };
  }

  #wait(waits: number, retryAfterSeconds: number | undefined): number {
    const asked = Math.min(retryAfterSeconds ?? 0, LONGEST_RETRY_AFTER_SECONDS);
    const own = Math.min(FIRST_WAIT_SECONDS * 2 ** waits, LONGEST_WAIT_SECONDS);
    const seconds = asked > 0 ? asked : own;
    return seconds * (1 + JITTER * this.#random());
  }
}
