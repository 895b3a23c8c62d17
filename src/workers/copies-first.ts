/** Copies that came closer together than this were not worked on one after the other, in milliseconds. */
const FASTEST_PAGE_MS = 20;
/** A file system's clock ticks every 4 ms, and ours has whole milliseconds. */
const CLOCKS_DIFFER_MS = 10;

/** The outputs of a child that did not end well: some equal their source. Times are of one clock. */
export interface OutputsSeen {
  /** Pages of the batch. */
  readonly pages: number;
  /** When each output was written that equals its source, and when its page was first named, where it was. */
  readonly copies: readonly { readonly writtenMs: number; readonly namedMs: number | undefined }[];
  /** When the others were written. */
  readonly translatedMs: readonly number[];
  /** A file that was a copy had other content later. */
  readonly wasRewritten: boolean;
  /** Something else than an exit code says that it failed: an exception, a signal, a limit. */
  readonly tellsFailure: boolean;
}

/**
 * Tells what outputs that equal their source are after a child that did not end well: results, as of a translator that saves
 * pages without text as they are, or copies of a script that copies all pages first and translates the copies afterwards.
 * Pure.
 */
export function copiesAreResults({
  pages,
  copies,
  translatedMs,
  wasRewritten,
  tellsFailure,
}: OutputsSeen): boolean {
  if (wasRewritten) return false;
  // Whoever copies all pages first has copied them all before the first one is translated.
  if (copies.length + translatedMs.length < pages) return true;
  const times = copies.map(({ writtenMs }) => writtenMs).sort((a, b) => a - b);
  const last = times.at(-1) ?? 0;
  if (!translatedMs.every((atMs) => atMs > last)) return true;
  const [only, second] = copies;
  if (only && !second) {
    const wasWorkedOn = only.namedMs !== undefined && only.namedMs + CLOCKS_DIFFER_MS < only.writtenMs;
    return !tellsFailure || wasWorkedOn;
  }
  // The middle one: a busy machine may hold up a script between two copies.
  const gaps = times.slice(1).map((time, at) => time - (times[at] ?? time));
  gaps.sort((a, b) => a - b);
  return (gaps[Math.floor(gaps.length / 2)] ?? 0) >= FASTEST_PAGE_MS;
}
