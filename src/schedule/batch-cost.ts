/** A slot as the batch of another one is weighed: when it will be free, and how fast it works. */
export interface Rival {
  /** Seconds until it asks again; 0: it is free now. */
  readonly freeIn: number;
  /** Cost per second. */
  readonly speed: number;
}

/** Of its share a slot takes this much at first, when nobody knows how fast it is. */
const SHARE_UNSEEN = 0.55;
/** And this much once that is known: the rest is for what turns out otherwise. */
const SHARE_SEEN = 0.9;
/** What would be left after such a batch is taken along where it is worth less than this many starts. */
const LOADS_WORTH = 2;

/**
 * How much work a one-shot worker should be given: as much as it could do until all slots end together, less a reserve
 * for surprises, unless the reserve would not pay for loading the models once more. Batches so shrink towards the end.
 *
 * @param waiting cost of all pages that nobody has taken
 * @param own the slot that asks; its `freeIn` is not looked at
 */
export function batchCost({
  waiting,
  own,
  rivals,
  loadSeconds,
  seen,
}: {
  waiting: number;
  own: Rival;
  rivals: readonly Rival[];
  loadSeconds: number;
  seen: boolean;
}): number {
  const slots = [{ ...own, freeIn: 0 }, ...rivals];
  if (own.speed <= 0) return (waiting / slots.length) * SHARE_UNSEEN;
  const end = commonEnd(waiting, slots, loadSeconds);
  const share = Math.max(0, end - loadSeconds) * own.speed;
  const batch = share * (seen ? SHARE_SEEN : SHARE_UNSEEN);
  const restSeconds = (share - batch) / own.speed;
  return restSeconds < LOADS_WORTH * loadSeconds ? share : batch;
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
