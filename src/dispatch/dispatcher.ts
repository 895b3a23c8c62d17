import type { Page, PageId } from '../model/page.ts';
import type { Slot } from '../model/slot.ts';
import { assertAccounted } from './assert-accounted.ts';
import {
  type Assignment,
  type AttemptResult,
  type Decision,
  type DonePage,
  type OpenDecision,
  openDecision,
  type WorkAssignment,
} from './assignment.ts';
import { SYSTEM_CLOCK } from './clock.ts';
import { completeDecision, isAllDone } from './complete-decision.ts';
import { circumstancesOf, type DispatcherSetup, type DispatchState, openState } from './dispatch-state.ts';
import { type Ahead, giveBackHeld, takeAhead } from './pages-ahead.ts';
import { pickWork } from './pick-work.ts';
import { settleResult } from './settle-result.ts';
import { WaitingSlots } from './waiting-slots.ts';

export type { DispatcherSetup } from './dispatch-state.ts';

/**
 * Who works on what: the schedule's pages, then the ones that must run alone, until each is finished or has failed. Knows
 * nothing of processes: a slot asks for work, reports the pages that are done, and then what became of the others.
 */
export class Dispatcher {
  readonly #setup: DispatcherSetup;
  readonly #state: DispatchState;
  readonly #waiting: WaitingSlots;
  #isHopeless = false;
  #picking: { hasChanged: boolean } | undefined;

  constructor(setup: DispatcherSetup) {
    const { schedule, gate, stop, clock = SYSTEM_CLOCK } = setup;
    this.#setup = setup;
    this.#state = openState({ ...setup, clock });
    this.#waiting = new WaitingSlots(clock);
    schedule.onChange(() => this.#scheduleChanged());
    gate.onChange(() => this.#waiting.wakeAll());
    stop.addEventListener('abort', () => this.#waiting.wakeAll(), { once: true });
  }

  /**
   * The next assignment of a slot, as soon as there is one; undefined when there will be none. `onIdle`: it has to wait.
   * `ahead`: a page to have ready while it works on another, immediately or not at all. The slot's following `next` is that
   * page, unless it was only held and went elsewhere.
   */
  async next(
    slot: Slot,
    { ahead, onIdle }: { readonly ahead?: Ahead; readonly onIdle?: () => void } = {},
  ): Promise<Assignment | undefined> {
    if (ahead) return this.#isOver(slot) ? undefined : takeAhead(this.#state, slot, ahead);
    for (;;) {
      if (this.#isOver(slot) && !this.#hasSent(slot)) return undefined;
      const lookedMs = this.#state.clock.nowMs();
      const assignment = this.#pick(slot);
      if (assignment) return assignment;
      if (isAllDone(this.#state)) {
        this.#waiting.wakeAll();
        return undefined;
      }
      onIdle?.();
      if (this.#isNewlyIdle(slot)) {
        // Those who waited longer come before this one.
        await undefined;
        continue;
      }
      await this.#waiting.wait(this.#state.service.opensAtMs, lookedMs);
    }
  }

  /**
   * Settles when the pages of an assignment may begin, where only so many may a minute: true for that. False: they are not to
   * begin, because the run is stopped, the slot retired or the service refuses by now; they are to be returned.
   */
  async turn({ slot, pages }: WorkAssignment): Promise<boolean> {
    const { rate, clock, service } = this.#state;
    if (!rate) return true;
    for (;;) {
      if (this.#isOver(slot) || !service.mayGoOn(slot.id)) return false;
      const nowMs = clock.nowMs();
      const waitMs = rate.waitMs(pages.length, nowMs);
      if (waitMs === 0) {
        rate.began(pages.length, nowMs);
        return true;
      }
      await this.#waiting.wait(nowMs + waitMs, nowMs);
    }
  }

  /** A page of an assignment is done and on record. */
  pageDone(
    { slot }: WorkAssignment,
    page: Page,
    { seconds, loadSeconds, peakBytes }: DonePage = {},
  ): Decision {
    const { inFlight, schedule, service, gate, policy, cards } = this.#state;
    cards?.ended(slot, page.id, { bytes: peakBytes, ...(seconds !== undefined && { ms: seconds * 1000 }) });
    const out = openDecision();
    inFlight.of(slot)?.open.delete(page);
    if (loadSeconds !== undefined) schedule.loaded(slot.id, loadSeconds);
    schedule.finished(slot.id, page.id, seconds);
    service.answered(slot.id, page.id);
    gate.pageDone(slot);
    policy.pageDone(slot, page.id, out);
    return this.#decided(out);
  }

  /** What became of the rest of an assignment. All the slot has in hand afterwards is a page ahead. */
  settle({ slot }: WorkAssignment, result: AttemptResult): Decision {
    const { inFlight, caps, service, cards } = this.#state;
    const held = inFlight.of(slot);
    if (!held) throw new Error(`${slot.id} has nothing to settle`);
    assertAccounted(held, result);
    const out = openDecision();
    inFlight.end(slot);
    for (const page of held.assignment.pages) cards?.ended(slot, page.id);
    caps.delete(slot.id);
    settleResult(this.#state, held, result, out);
    // Whatever else it was, it was no answer of the service.
    service.notAsked(slot.id);
    // What follows is to be chosen anew.
    if (result.by !== 'ended' || result.failed.length > 0) giveBackHeld(this.#state, slot);
    return this.#decided(out, 'lost' in result ? result.lost.lastLines : []);
  }

  /** What is left to be said once no slot is at work: nothing where the run was stopped. */
  finish(): Decision {
    const isStopped = this.#setup.stop.aborted || this.#isHopeless;
    return isStopped ? openDecision() : this.#decided(openDecision());
  }

  /** The pages of an assignment that nobody has told of yet. */
  openPagesOf({ slot }: WorkAssignment): readonly Page[] {
    return [...(this.#state.inFlight.of(slot)?.open ?? [])];
  }

  /** True while pages are left, or may still be found, and something can be done about them. */
  get hasWork(): boolean {
    return !isAllDone(this.#state) && !this.#isHopeless;
  }

  /** The slots that get work now. */
  get slots(): readonly Slot[] {
    return this.#state.pool.slots;
  }

  /** A slot takes part from now on. */
  join(slot: Slot): void {
    this.#state.pool.join(slot);
    this.#state.schedule.join(slot);
    this.#waiting.wakeAll();
  }

  /** The slot gets no more work: it finishes what it has. */
  retire(slot: Slot, why: string): Decision {
    const out = openDecision();
    if (this.#state.policy.places.retire(slot)) out.retired.push({ slot, why });
    return this.#decided(out);
  }

  /** So many pages in a row that fail with these words are enough: the program that failed them is to be ended. */
  failuresInARow(message: string): number {
    const { policy } = this.#state;
    if (policy.isPagesOwn(message)) return Number.POSITIVE_INFINITY;
    return policy.common.failuresInARow(circumstancesOf(this.#state));
  }

  /** Which try of a page comes next, from 1. */
  attemptOf(page: PageId): number {
    return this.#state.policy.isolation.attemptOf(page);
  }

  /** Pages that go back to the schedule while work is chosen are news for others only if some was found. */
  #pick(slot: Slot): Assignment | undefined {
    const { mayShareBatch = (pages) => pages } = this.#setup;
    const { cards } = this.#state;
    const hasWaited = cards?.isWaiting(slot) ?? false;
    this.#picking = { hasChanged: false };
    const assignment = pickWork(this.#state, slot, mayShareBatch);
    const { hasChanged } = this.#picking;
    this.#picking = undefined;
    // Whom it kept out may look again.
    const letsOthersIn = hasWaited && !cards?.isWaiting(slot);
    if ((assignment && hasChanged) || letsOthersIn) this.#waiting.wakeAll();
    return assignment;
  }

  #scheduleChanged(): void {
    if (this.#picking) this.#picking.hasChanged = true;
    else this.#waiting.wakeAll();
  }

  /** True where the slot gets no more work. What it holds for later goes back then. */
  #isOver(slot: Slot): boolean {
    const isOver = this.#setup.stop.aborted || this.#isHopeless || !this.#state.pool.has(slot);
    if (isOver) giveBackHeld(this.#state, slot);
    return isOver;
  }

  /** A page that its worker has already is done whatever happens. */
  #hasSent(slot: Slot): boolean {
    return this.#state.inFlight.hasSent(slot);
  }

  /** Completes a decision, and lets everybody look again. */
  #decided(out: OpenDecision, lastLines?: readonly string[]): Decision {
    completeDecision(this.#state, out, lastLines);
    if (out.hopeless) this.#isHopeless = true;
    this.#waiting.wakeAll();
    return out;
  }

  /** Who waits for what others find out looks again when these have nothing left to do. */
  #isNewlyIdle({ id }: Slot): boolean {
    const { idle } = this.#state;
    if (idle.has(id)) return false;
    idle.add(id);
    this.#waiting.wakeAll();
    return true;
  }
}
