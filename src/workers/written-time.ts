/** When a file was certainly not there yet, on the launcher's monotonic clock (`performance.now()`). */
interface SeenAfter {
  readonly notBeforeMs: number;
}

/** One moment on the monotonic clock and on the system's, in milliseconds. */
interface ClockReading {
  readonly nowMs: number;
  readonly wallMs: number;
}

/** The system's clock is in whole milliseconds: the one that is going on counts as over. */
export const clockNow = (): ClockReading => ({ nowMs: performance.now(), wallMs: Date.now() + 1 });

/**
 * When a file was last written, on the launcher's monotonic clock. Its ctime tells: a program may set mtime to anything
 * (`shutil.copy2`, `cp -p`, `touch -d`). A disk with another clock can't move it out of the time in which it was seen to appear.
 * Errs on the early side, by some milliseconds: what a program says after it wrote is heard afterwards.
 */
export function writtenMs(
  { ctimeMs }: { readonly ctimeMs: number },
  { notBeforeMs }: SeenAfter,
  { nowMs, wallMs }: ClockReading = clockNow(),
): number {
  return Math.min(Math.max(nowMs - (wallMs - ctimeMs), notBeforeMs), nowMs);
}
