import { gpuIndexOf, type Slot } from '../model/slot.ts';
import type { Assignment } from './assignment.ts';
import type { DispatchState } from './dispatch-state.ts';

/**
 * How a slot asks for a page to have ready while it works on another: its worker gets the page now, it is held and may still
 * go to others, or the one that is held goes to the worker now.
 */
export type Ahead = 'send' | 'hold' | 'send-held';

/** A page for a slot to have ready; undefined where there is none, or the one that it held went elsewhere. */
export function takeAhead(state: DispatchState, slot: Slot, how: Ahead): Assignment | undefined {
  const { inFlight, service, policy, schedule, pool, rate, clock, cards } = state;
  if (inFlight.isDeviceTaken(slot) || !service.isOpen) return undefined;
  // While something seems wrong each page is to be chosen when it begins.
  if (policy.aside.hasUrgent(slot) || policy.common.sameWords !== undefined) return undefined;
  // It would reach the service as soon as the worker is free. One that is held waits for its turn later.
  const isSent = how !== 'hold';
  if (isSent && rate && rate.waitMs(1, clock.nowMs()) > 0) return undefined;
  const held = inFlight.takeHeld(slot.id);
  const page = held ?? (how === 'send-held' ? undefined : schedule.takeAhead(slot.id));
  if (!page) return undefined;
  // Its worker would start it without a look at what the others take by then.
  if (isSent && cards?.mayFollow(slot, page.id, clock.nowMs()) === false) {
    if (held) inFlight.putAhead(slot.id, { page, isSent: false });
    else schedule.giveBack(slot.id, [page]);
    return undefined;
  }
  if (isSent) rate?.began(1, clock.nowMs());
  if (isSent) cards?.follows(slot, page.id);
  inFlight.putAhead(slot.id, { page, isSent });
  const isLastTry = policy.isolation.isLastTry(page.id, gpuIndexOf(slot), pool);
  return { by: 'work', slot, pages: [page], alone: true, attempt: 1, isLastTry, needsFresh: false };
}

/** What a slot only holds goes back; what its worker has is done whatever happens. */
export function giveBackHeld({ inFlight, schedule, cards }: DispatchState, slot: Slot): void {
  const held = inFlight.takeHeld(slot.id);
  cards?.stopsWaiting(slot.id);
  if (held) schedule.giveBack(slot.id, [held]);
}
