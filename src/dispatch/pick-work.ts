import path from 'node:path';
import type { Page } from '../model/page.ts';
import { gpuIndexOf, type Slot } from '../model/slot.ts';
import type { Assignment, WorkAssignment } from './assignment.ts';
import { circumstancesOf, type DispatchState, othersWork } from './dispatch-state.ts';
import type { Purpose } from './in-flight.ts';
import { giveBackHeld } from './pages-ahead.ts';
import { wordsOfStarts } from './why-hopeless.ts';

const QUEUED: Purpose = { isIsolated: false, isFarOff: false, wantsDeviceAlone: false };
const ISOLATED: Purpose = { ...QUEUED, isIsolated: true };

interface Pick {
  readonly pages: readonly Page[];
  readonly purpose: Purpose;
  readonly needsFresh?: boolean;
  /** It tells who is to blame: no room is waited for. */
  readonly isWitness?: boolean;
}

/** What the slot is to do now; undefined where it has to wait. What it gets is in flight from then on. */
export function pickWork(
  state: DispatchState,
  slot: Slot,
  mayShareBatch: (pages: readonly Page[]) => readonly Page[],
): Assignment | undefined {
  const { inFlight, service, schedule } = state;
  // What a worker has not got yet waits for a service as all do.
  if (!service.isOpen) giveBackHeld(state, slot);
  const isSent = inFlight.hasSent(slot);
  const ahead = inFlight.takeAhead(slot.id);
  if (ahead) {
    const held = { pages: [ahead], purpose: QUEUED };
    return isSent || findsRoom(state, slot, held) ? begin(state, slot, held) : undefined;
  }
  if (mustVacate(state, slot)) return { by: 'vacate', slot };
  const picked = mayStart(state, slot) ? pick(state, slot) : undefined;
  // The page that it waited with has gone to another.
  if (!picked) state.cards?.stopsWaiting(slot.id);
  if (!picked || !findsRoom(state, slot, picked)) return undefined;
  const together = picked.purpose.isIsolated ? picked.pages : mayShareBatch(picked.pages);
  if (together.length < picked.pages.length) {
    const kept = new Set(together);
    schedule.giveBack(
      slot.id,
      picked.pages.filter((page) => !kept.has(page)),
    );
  }
  service.asked(slot.id);
  return begin(state, slot, { ...picked, pages: together });
}

/** False where the device has no room for the page next to those that it works on: it waits, held by the slot or where it waited before. */
function findsRoom(
  { cards, inFlight, policy, clock }: DispatchState,
  slot: Slot,
  { pages: [page], purpose, isWitness }: Pick,
): boolean {
  if (!cards || !page || isWitness || purpose.wantsDeviceAlone) return true;
  if (cards.mayStart(slot, page.id, clock.nowMs())) return true;
  if (purpose.isIsolated) policy.isolation.add(page);
  else inFlight.putAhead(slot.id, { page, isSent: false });
  return false;
}

/** In this order: what tells who is to blame, then the queue, then pages that have to run alone. */
function pick(state: DispatchState, slot: Slot): Pick | undefined {
  const { policy, schedule } = state;
  const urgent = policy.aside.takeUrgent(slot);
  if (urgent) return { pages: [urgent], purpose: ISOLATED, needsFresh: true, isWitness: true };
  if (policy.places.isHeld(gpuIndexOf(slot)) || waitsForOthers(state, slot)) return undefined;
  const inDoubt = policy.aside.takePageInDoubt(slot);
  if (inDoubt) return { pages: [inDoubt], purpose: ISOLATED, isWitness: true };
  const refused = takeRefused(state);
  if (refused) return { pages: [refused], purpose: ISOLATED };
  const sample = takeSample(state, slot);
  if (sample) return { pages: [sample], purpose: { ...QUEUED, isFarOff: true } };
  const pages = schedule.take(slot.id, mostOf(state, slot));
  if (pages) return { pages, purpose: QUEUED };
  const other = pickIsolated(state, slot) ?? recall(state, slot);
  if (other) return other;
  const unproven = policy.aside.takeUnproven(slot);
  return unproven && { pages: [unproven], purpose: ISOLATED, isWitness: true };
}

/** The most pages that the slot's next assignment may have. */
function mostOf({ takes, service, caps, rate, pool }: DispatchState, slot: Slot): number {
  // A service that refuses is asked with one page.
  if (takes === 'page' || !service.isOpen) return 1;
  const most = caps.get(slot.id) ?? Number.POSITIVE_INFINITY;
  return Math.min(most, rate?.batchOf(pool.slots.length) ?? most);
}

/** False while another slot has the device for itself, or the service is waited for. */
function mayStart({ inFlight, service, clock, vacating }: DispatchState, slot: Slot): boolean {
  const holder = vacating.get(gpuIndexOf(slot));
  if (inFlight.isDeviceTaken(slot) || (holder !== undefined && holder !== slot.id)) return false;
  return service.mayAsk(clock.nowMs());
}

function mustVacate({ inFlight, gate, vacating }: DispatchState, slot: Slot): boolean {
  const holder = vacating.get(gpuIndexOf(slot));
  const isOther = (holder !== undefined && holder !== slot.id) || inFlight.isDeviceTaken(slot);
  return isOther && gate.isAlive(slot);
}

/** Everything seems to fail: who has failed already waits for those that have not been heard. */
function waitsForOthers(state: DispatchState, slot: Slot): boolean {
  const { common } = state.policy;
  if (common.isCalm) return false;
  const circumstances = circumstancesOf(state);
  if (wordsOfStarts(state.policy, { ...circumstances, takes: state.takes }) !== undefined) return true;
  return common.isNearlyCertain(circumstances) && common.hasFailed(slot.id);
}

/** A page that the service refused, once enough others were answered: does it refuse this one alone? */
function takeRefused({ service, policy }: DispatchState): Page | undefined {
  for (const page of service.duePages()) {
    const found = policy.isolation.take(page);
    if (found) return found;
  }
  return undefined;
}

/** A page from far off, of a kind that has not failed yet, where one more like the last ones would tell nothing new. */
function takeSample(state: DispatchState, slot: Slot): Page | undefined {
  const { common } = state.policy;
  if (common.isCalm) return undefined;
  const place = common.placeOfSample(circumstancesOf(state));
  if (place === undefined) return undefined;
  const seen = new Set(common.failedPages.map((page) => path.extname(page).toLowerCase()));
  return state.schedule.takeFarOff(slot.id, place, ({ id }) => !seen.has(path.extname(id).toLowerCase()));
}

function pickIsolated(state: DispatchState, slot: Slot): Pick | undefined {
  const { policy, schedule, inFlight, gate, vacating } = state;
  // As long as nothing has gone well, another try of the same pages tells nothing.
  const gpu = gpuIndexOf(slot);
  if (!policy.common.hasWorked && (schedule.waiting > 0 || othersWork(state, gpu))) return undefined;
  const found = policy.isolation.first(gpu, policy.places.usable, { isFree: inFlight.hasDeviceFree(slot) });
  if (!found) {
    vacating.delete(gpu);
    return undefined;
  }
  if (found.alone && gate.isOccupied(slot)) {
    // Whoever has a worker there needs no other to be started.
    if (!gate.isAlive(slot)) return undefined;
    vacating.set(gpu, slot.id);
    return undefined;
  }
  vacating.delete(gpu);
  policy.isolation.take(found.page.id);
  return {
    pages: [found.page],
    purpose: { ...ISOLATED, wantsDeviceAlone: found.alone },
    needsFresh: found.fresh,
  };
}

/** With nothing else to do, a page that another slot holds for later. */
function recall({ schedule, inFlight, takes, cards }: DispatchState, slot: Slot): Pick | undefined {
  for (const holder of inFlight.recallable) {
    const held = inFlight.takeHeld(holder);
    if (!held) continue;
    cards?.stopsWaiting(holder);
    schedule.giveBack(holder, [held]);
    const pages = schedule.take(slot.id, takes === 'page' ? 1 : undefined);
    if (pages) return { pages, purpose: QUEUED };
    // It is bound to its slot.
    const [page] = schedule.take(holder, 1) ?? [];
    if (page) inFlight.putAhead(holder, { page, isSent: false });
  }
  return undefined;
}

function begin(
  state: DispatchState,
  slot: Slot,
  { pages, purpose, needsFresh = false }: Pick,
): WorkAssignment {
  const [only, second] = pages;
  const alone = second === undefined;
  const attempt = only && alone ? state.policy.isolation.attemptOf(only.id) : 1;
  const gpu = gpuIndexOf(slot);
  // Pages that share a batch have not failed yet: what holds for one holds for all.
  const isLastTry = only ? state.policy.isolation.isLastTry(only.id, gpu, state.pool) : false;
  const assignment: WorkAssignment = { by: 'work', slot, pages, alone, attempt, isLastTry, needsFresh };
  // Who waited for the device to be empty has found something else.
  if (state.vacating.get(gpu) === slot.id) state.vacating.delete(gpu);
  state.inFlight.begin(assignment, { ...purpose, isOccupied: state.gate.isOccupied(slot) });
  state.idle.delete(slot.id);
  if (only && alone) state.cards?.began(slot, only.id);
  return assignment;
}
