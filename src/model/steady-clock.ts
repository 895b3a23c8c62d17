/** A clock that can be read: milliseconds since 1970, or since some moment. */
type ReadClock = () => number;

/** The system's clocks, or a test's. */
interface Clocks {
  readonly wall: ReadClock;
  /** Never set by anybody. */
  readonly monotonic: ReadClock;
}

/** What clocks that go on side by side may differ by. */
const AHEAD_MS = 1000;

/**
 * The time of day, in milliseconds since 1970, that never goes back: where the system's clock is set back it goes on from where
 * it was, at its pace. Where that clock is ahead (set, or the machine slept) it follows.
 */
export function steadyClock({ wall, monotonic }: Clocks): ReadClock {
  let offsetMs = wall() - monotonic();
  return () => {
    const nowMs = monotonic();
    const aheadMs = wall() - nowMs - offsetMs;
    if (aheadMs > AHEAD_MS) offsetMs += aheadMs;
    return Math.round(nowMs + offsetMs);
  };
}

/** The one clock of this process by which it dates what happens, so that the difference of two times is no negative duration. */
export const steadyNow: ReadClock = steadyClock({
  wall: () => Date.now(),
  monotonic: () => performance.now(),
});

let lastMs = Number.NaN;
let lastText = '';

/** That time in ISO 8601. Several things happen in each millisecond: to write it down costs more than to read it. */
export function steadyTime(): string {
  const ms = steadyNow();
  if (ms !== lastMs) {
    lastMs = ms;
    lastText = new Date(ms).toISOString();
  }
  return lastText;
}
