/** So many pages are read before anything is decided. */
const TRIAL_PAGES = 8;
/** So many are enough where each takes so long. */
const FEW_PAGES = 3;
const SLOW_SECONDS = 0.05;
/** Input that takes more of a page's time is copied ahead. */
const SHARE_OF_PAGE = 0.02;
/** A page that comes faster comes from memory or a local disk: copying it would save nothing, however short pages are. */
const FAST_SECONDS = 0.005;

/** What a run has seen of its input. */
export interface InputSeen {
  /** What it took to read each of the first pages. */
  readonly readSeconds: readonly number[];
  /** What the first pages took that workers finished. */
  readonly pageSeconds: readonly number[];
}

/**
 * `read`: another page is to be read first. `wait`: no page is finished yet. `try`: none is, and reading is so slow that copies are
 * made until one is.
 */
export type StageDecision = 'read' | 'wait' | 'try' | 'on' | 'off';

/**
 * Whether copying pages ahead of the workers pays on a disk whose type doesn't tell: where reading a page takes over 2 % of what a
 * page takes. By medians, so that one stall decides nothing.
 */
export function stageDecision({ readSeconds, pageSeconds }: InputSeen): StageDecision {
  const read = median(readSeconds);
  const isSlow = readSeconds.length >= FEW_PAGES && read >= SLOW_SECONDS;
  if (readSeconds.length < TRIAL_PAGES && !isSlow) return 'read';
  if (read < FAST_SECONDS) return 'off';
  if (pageSeconds.length === 0) return isSlow ? 'try' : 'wait';
  return read > SHARE_OF_PAGE * median(pageSeconds) ? 'on' : 'off';
}

/** The pages' seconds above which reading one in so many seconds is not worth a copy; undefined where no copy is. */
export const longestStagedSeconds = (readSeconds: number): number | undefined =>
  readSeconds < FAST_SECONDS ? undefined : readSeconds / SHARE_OF_PAGE;

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
