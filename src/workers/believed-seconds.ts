/** Shares of a measured time: a word below it measured nothing, and clocks differ by so much above it. */
const LEAST_SHARE = 0.01;
const SLACK_SHARE = 0.01;
const SLACK_SECONDS = 0.1;

/** What the launcher knows of how long something took. */
export interface MeasuredSeconds {
  readonly measured: number;
  /** The longest that it can have taken; missing: what was measured. */
  readonly mostSeconds?: number;
}

/** A worker's word on how long something took, where that can be true; else what the launcher measured. */
export function believedSeconds(
  said: number | undefined,
  { measured, mostSeconds = measured }: MeasuredSeconds,
): number {
  if (said === undefined || said < measured * LEAST_SHARE) return measured;
  return said > mostSeconds * (1 + SLACK_SHARE) + SLACK_SECONDS ? measured : said;
}
