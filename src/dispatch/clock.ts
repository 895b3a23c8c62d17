/** Time as a run's decisions know it: passed in, so that tests have their own. */
export interface Clock {
  /** Milliseconds that never go back. */
  readonly nowMs: () => number;
  /** Acts later, once; returns what calls it off. */
  readonly after: (ms: number, act: () => void) => () => void;
}

/** The machine's own. */
export const SYSTEM_CLOCK: Clock = {
  nowMs: () => performance.now(),
  after: (ms, act) => {
    const timer = setTimeout(act, ms);
    return () => clearTimeout(timer);
  },
};
