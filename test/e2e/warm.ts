import path from 'node:path';
import { checkAccounts, type Expected, type FinishedRun } from './accounts.ts';
import { type Launcher, Place, type PlaceSetup, type StartSetup } from './rig.ts';

const WORKER = path.resolve(import.meta.dirname, '../fixtures/compiled/fake_worker.py');

/** The option that names the fake worker. */
export const FAKE_WORKER = `worker:${WORKER}`;

/** `1.png` to `COUNT.png`. */
export const pagesTo = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${index + 1}.png`);

/** A place without a script, where cards may differ in memory. */
export async function warmPlace({
  memories,
  ...setup
}: PlaceSetup & {
  /** GiB of each card; instead of `gpus`. */
  readonly memories?: readonly number[];
}): Promise<Place> {
  const place = await Place.make({ script: false, ...setup });
  if (memories) {
    const cards = memories.map(
      (gib, index) => `${index}, GPU-${index}, Fake, ${gib * 1024}, ${gib * 1024 - 100}, 0, [N/A]`,
    );
    await place.write('bin/nvidia-smi', `#!/bin/sh\ncat <<'END'\n${cards.join('\n')}\nEND\n`);
  }
  return place;
}

/** Starts the launcher with the fake worker. */
export const startWarm = (place: Place, { args = [], ...setup }: StartSetup = {}): Launcher =>
  place.start({ ...setup, args: ['-t', FAKE_WORKER, ...args] });

/** Makes a place, runs warm to the end, checks the accounts. */
export async function runWarm(
  setup: PlaceSetup &
    StartSetup &
    Expected & { readonly place?: Place; readonly memories?: readonly number[] } = {},
): Promise<FinishedRun> {
  const place = setup.place ?? (await warmPlace(setup));
  return checkAccounts(place, startWarm(place, setup), setup);
}

/** Page → the slots that came to it, in order. */
export function slotsOf(launcher: Launcher): Record<string, string[]> {
  const slots: Record<string, string[]> = {};
  for (const { page, slot } of launcher.of('page-started')) slots[page] = [...(slots[page] ?? []), slot];
  return slots;
}

/** `PAGE: REASON` of each try that came to nothing and was followed by another. */
export const retriesOf = (launcher: Launcher): string[] =>
  launcher.of('page-retried').map(({ page, reason }) => `${page}: ${reason}`);
