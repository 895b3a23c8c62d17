import type { Page, PageId } from '../model/page.ts';
import { gpuIndexOf, type Slot } from '../model/slot.ts';
import type { FailedPage, LostWorker, OpenDecision, PageFailure } from './assignment.ts';
import { type Circumstances, CommonCause } from './common-cause.ts';
import { DevicesAndSlots, type Places } from './devices-and-slots.ts';
import type { EarlierOutcomes } from './earlier-outcomes.ts';
import type { Held } from './in-flight.ts';
import { IsolationQueue } from './isolation-queue.ts';
import { PageOrProcess } from './page-or-process.ts';
import { PagesSetAside } from './pages-set-aside.ts';
import type { Failure } from './retry-policy.ts';

/** What the policy decides by, besides what it is told. */
export interface PolicySetup extends Places {
  readonly retries: number;
  readonly costOf: (page: PageId) => number;
  readonly earlier: EarlierOutcomes;
  readonly nowMs: () => number;
  /** Milliseconds that the slots together have been there. */
  readonly workerMs: () => number;
}

/**
 * Who is to blame for what failed: the smallest domain that explains it. A page, a process, a slot, a device, or whatever is
 * common to all.
 */
export class FailurePolicy {
  readonly isolation: IsolationQueue;
  /** Pages that wait outside of the schedule. */
  readonly aside: PagesSetAside;
  /** Which slots and devices get work. */
  readonly places: DevicesAndSlots;
  readonly common = new CommonCause();
  readonly #setup: PolicySetup;
  readonly #blame: PageOrProcess;

  constructor(setup: PolicySetup) {
    this.#setup = setup;
    this.isolation = new IsolationQueue(setup.retries, setup.costOf);
    this.places = new DevicesAndSlots(setup);
    this.aside = new PagesSetAside({ isolation: this.isolation, pool: setup.pool, places: this.places });
    this.#blame = new PageOrProcess(setup.workerMs);
  }

  /** True where nothing has failed lately that anything could follow from. */
  get isCalm(): boolean {
    return this.common.isCalm && this.aside.undecided.isEmpty && !this.isolation.mayHaveStranded;
  }

  /** A page is done and recorded. */
  pageDone(slot: Slot, page: PageId, out: OpenDecision): void {
    this.isolation.forget(page);
    this.#blame.wentWell(page, this.#setup.nowMs());
    this.common.finished();
    this.flush(out);
    this.places.pageDone(slot, page, out);
  }

  /** A page failed that was tried by itself, or first in a streak. Where nobody knows why, it is tried again at once. */
  pageFailed(held: Held, failure: PageFailure, out: OpenDecision): void {
    const { page, message, cause = message, isFresh } = failure;
    const { slot } = held.assignment;
    const gpu = gpuIndexOf(slot);
    if (failure.streak === 0 || failure.isOwn) {
      this.#pagesOwn(held, failure, out);
      return;
    }
    // What happens on a device that was given up is held against no page.
    if (this.places.health.isBenched(gpu)) {
      this.isolation.add(page);
      return;
    }
    const before = this.#blame.failedAgain(failure, this.#setup.nowMs());
    // Out of memory beside others: it will be tried alone, and that is one more try.
    if (before && before.reason !== 'oom') this.isolation.note(page.id, this.#counted(held, before));
    // That there is no room beside others says nothing of the device.
    const isCrowded = failure.reason === 'oom' && !held.hadDeviceAlone;
    if (!isCrowded && !this.#isKnownBad(page.id))
      this.places.health.failed(gpu, page.id, { words: cause, isFresh });
    const mayControl = !before && !this.aside.hasUrgent(slot) && !this.places.isHeld(gpu);
    const blame = this.#blame.judge(slot.id, failure, { mayControl });
    // A process that fails is not asked again while the page before waits for a better one.
    const isAfterControl = failure.streak > 1 && this.aside.hasUrgent(slot);
    if (blame.by === 'page' && !isAfterControl) {
      out.replaceProcess ||= blame.replaceProcess || this.#hasFailedAlone(held, failure);
      this.#count(held, failure, out, blame.replaceProcess);
      return;
    }
    this.#tellWitness(held, failure);
    out.replaceProcess = true;
    out.retried.push(this.#asTold(held, failure));
    if (blame.by === 'unknown') this.#blame.beginControl(failure, this.#setup.nowMs());
    this.aside.putUrgent(slot, page);
  }

  /** A page failed for its own: nothing else follows. */
  #pagesOwn(held: Held, failure: PageFailure, out: OpenDecision): void {
    const { page, reason, message, streak } = failure;
    const { assignment } = held;
    // Where a process had it, its words may be those of all others.
    if (streak > 0 && reason === 'unreadable') this.#tellWitness(held, failure);
    const attempts = streak === 0 ? 0 : this.isolation.attemptOf(page.id);
    this.#forget(page.id);
    out.failed.push({
      page,
      reason,
      message,
      attempts,
      ...(attempts > 0 && { slot: assignment.slot.id }),
    });
  }

  /** A try that is held against its page. */
  #count(held: Held, failure: PageFailure, out: OpenDecision, brokeProcess = false): void {
    const { page } = failure;
    const { slot } = held.assignment;
    this.#tellWitness(held, failure);
    const counted = this.#counted(held, failure, brokeProcess);
    const { again, failed } = this.isolation.failed(page, counted, this.#setup.pool.devices);
    const told = { ...failed, slot: slot.id };
    if (again) out.retried.push(told);
    else this.aside.undecided.add(told, counted.gpu);
  }

  #counted(held: Held, { reason, message, isFresh }: PageFailure, brokeProcess = false): Failure {
    const { assignment, hadDeviceAlone } = held;
    return { gpu: gpuIndexOf(assignment.slot), reason, message, hadDeviceAlone, isFresh, brokeProcess };
  }

  #tellWitness({ assignment, isFarOff }: Held, { page, message, cause = message }: PageFailure): void {
    // That it fails again says nothing of the others.
    if (this.#isKnownBad(page.id)) return;
    this.common.failed({ slot: assignment.slot.id, page: page.id, message: cause, isFarOff });
  }

  /** A child told of the page in a streak: no try of it, and a word on the device where it has done nothing else. */
  toldInStreak({ assignment }: Held, { page, message, isFresh }: PageFailure): void {
    if (this.#isKnownBad(page.id)) return;
    this.places.health.failed(gpuIndexOf(assignment.slot), page.id, { words: message, isFresh });
  }

  /** A program ended at the first page of its batch, or before: a word on all, on the device where it was alone, not on the page. */
  batchLost(
    held: Held,
    page: Page,
    { lastWords }: LostWorker,
    { inCompany }: { readonly inCompany: boolean },
  ): void {
    if (this.#isKnownBad(page.id)) return;
    const { slot } = held.assignment;
    const words = { words: lastWords, isFresh: true };
    if (!inCompany) this.places.health.failed(gpuIndexOf(slot), page.id, words);
    this.common.failed({ slot: slot.id, page: page.id, message: lastWords, isFarOff: held.isFarOff });
  }

  /** A control came to nothing that tells of its page or its process. */
  endControl(page: PageId): void {
    this.#blame.endControl(page);
  }

  /** True for words that pages fail with whatever process has them. */
  isPagesOwn(message: string): boolean {
    return this.#blame.isPagesOwn(message);
  }

  /** It is clear now that not everything fails: pages without another try have failed. */
  flush(out: OpenDecision, { isLast = false } = {}): void {
    const { health } = this.places;
    // A device that has finished nothing since may be to blame itself.
    const failed = this.aside.undecided.takeDecided((page, gpu) => !isLast && health.isOpen(page, gpu));
    for (const { page } of failed) this.#forget(page.id);
    out.failed.push(...failed);
  }

  /** Pages with their last try behind them have failed as soon as their failures have no common cause. */
  flushWhereDecided(circumstances: Circumstances, isLast: boolean, out: OpenDecision): void {
    const isCommon = !isLast && this.common.sameWords !== undefined;
    // With nothing left to ask there will be no more witnesses.
    const mayShow = circumstances.maySample || this.common.isNearlyCertain(circumstances);
    if (!isCommon || !mayShow) this.flush(out, { isLast });
  }

  #hasFailedAlone(held: Held, { reason }: PageFailure): boolean {
    return reason === 'oom' && held.wantsDeviceAlone;
  }

  #asTold({ assignment }: Held, { page, reason, message }: PageFailure): FailedPage {
    return { page, slot: assignment.slot.id, reason, message, attempts: this.isolation.attemptOf(page.id) };
  }

  #isKnownBad(page: PageId): boolean {
    return this.#setup.earlier.hasFailed(page);
  }

  #forget(page: PageId): void {
    this.isolation.forget(page);
    this.places.health.forget(page);
  }
}
