/** A slot as the batch of another one is weighed: when it will be free, and how fast it works. */
export interface Rival {
  /** Seconds until it asks again; 0: it is free now; infinite: it has work, and nobody knows how long that takes. */
  readonly freeIn: number;
  /** Cost per second. */
  readonly speed: number;
}

/** Of its share a slot takes this much: the rest is for what turns out otherwise, where it is worth a start. */
const SHARE = 0.9;
/** The rest is taken along where it is worth less than this many starts. */
const LOADS_WORTH = 10;
/** A batch is recalled where that saves this share of what it would still take, and the time of a load. */
const LEAST_GAIN = 0.1;

/**
 * How much work a one-shot worker should be given: as much as it could do until all slots end together, less a reserve
 * for surprises, unless the reserve would not pay for loading the models many times over. Where nothing is known of pace and
 * loads, an equal share: another start may cost more than all pages, and what proves too much is recalled.
 *
 * @param waiting cost of all pages that nobody has taken
 * @param own the slot that asks; its `freeIn` is not looked at
 */
export function batchCost({
  waiting,
  own,
  rivals,
  loadSeconds,
}: {
  waiting: number;
  own: Rival;
  rivals: readonly Rival[];
  loadSeconds: number;
}): number {
  const slots = [{ ...own, freeIn: 0 }, ...rivals];
  if (own.speed <= 0) return waiting / slots.filter(({ freeIn }) => freeIn < Number.POSITIVE_INFINITY).length;
  const end = commonEnd(waiting, slots, loadSeconds);
  const share = Math.max(0, end - loadSeconds) * own.speed;
  const batch = share * SHARE;
  const restSeconds = (share - batch) / own.speed;
  return restSeconds < LOADS_WORTH * loadSeconds ? share : batch;
}

/** True where all ends sooner by more than a load if a slot's batch is shared out anew once it has ended the page it is at. */
export function worthRecalling({
  batch,
  own,
  rivals,
  loadSeconds,
}: {
  /** Cost of what the slot has in hand, and of the page it is at. */
  batch: { readonly speed: number; readonly cost: number; readonly pageCost: number };
  /** The slot that has nothing to do. */
  own: Rival;
  /** All others but the slot with the batch. */
  rivals: readonly Rival[];
  loadSeconds: number;
}): boolean {
  const { speed, cost, pageCost } = batch;
  if (speed <= 0 || cost <= pageCost) return false;
  const asItIs = cost / speed;
  const slots = [{ ...own, freeIn: 0 }, ...rivals, { speed, freeIn: pageCost / speed }];
  const gain = asItIs - commonEnd(cost - pageCost, slots, loadSeconds);
  return gain > Math.max(loadSeconds, asItIs * LEAST_GAIN);
}

/** Seconds from now until all waiting work is done, where each slot that gets some of it loads once more. */
function commonEnd(waiting: number, slots: readonly Rival[], loadSeconds: number): number {
  const byTime = slots.toSorted((a, b) => a.freeIn - b.freeIn);
  let speed = 0;
  let offset = 0;
  let end = Number.POSITIVE_INFINITY;
  for (const slot of byTime) {
    const start = slot.freeIn + loadSeconds;
    // Who would be free only after the end has no part in it.
    if (start >= end) break;
    speed += slot.speed;
    offset += slot.speed * start;
    end = (waiting + offset) / speed;
  }
  return end;
}
