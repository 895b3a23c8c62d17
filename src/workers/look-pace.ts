const EVERY_MS = 250;
const EVERY_MS_DRAINING = 40;
/** A nap lasts so many times as long as the look before it, so that looking takes little of the disk. */
const TIMES_THE_LOOK = 20;
/** However long a look takes: timeouts are noticed between looks. */
const LONGEST_NAP_MS = 5000;

/** How long to wait after a look at a child's folder that took so long, in milliseconds. */
export function napMsAfter(lookedMs: number, { isDraining }: { readonly isDraining: boolean }): number {
  const everyMs = isDraining ? EVERY_MS_DRAINING : EVERY_MS;
  return Math.min(Math.max(everyMs, lookedMs * TIMES_THE_LOOK), LONGEST_NAP_MS);
}
