import type { Slot } from '../model/slot.ts';
import type { Command, WarmTranslator } from '../translators/translator.ts';
import type { Host } from '../workers/hosts/host.ts';
import { LocalHost } from '../workers/hosts/local/local-host.ts';
import type { Packing } from './packing/packing.ts';
import { type CardSampling, sampleHere } from './sample-while.ts';
import type { SlotContext } from './slots/slot-context.ts';
import type { SlotPool } from './slots/slot-pool.ts';
import type { SlotsAtWork } from './slots-at-work.ts';

/** Where the warm workers of a run live, and what that means for them. */
export interface Engine {
  readonly host: Host;
  /** The slots that are there from the start. */
  readonly slots: readonly Slot[];
  readonly commandOf: (slot: Slot) => Command;
  /** Missing: workers get the launcher's environment, and what their slot adds to it. */
  readonly environmentOf?: SlotContext['environmentOf'];
  /** True where one worker of each machine has to go first, because what it downloads would be downloaded by all at once. */
  readonly needsFirst: Promise<boolean>;
  /** True while slots may join where there is none; missing: those that are there are all. */
  readonly mayJoin?: () => boolean;
  /** Puts slots to work, and settles when there will be no more work for any. */
  run(
    pool: Pick<SlotPool, 'start' | 'join' | 'retire' | 'settled'>,
    packing: Packing | undefined,
  ): Promise<void>;
  /** How busy the cards are now, as far as something tells. Never rejects. */
  readonly sample: CardSampling['sample'];
  /** All slots that took part. */
  readonly everThere: readonly Slot[];
}

/** This machine: its slots are there from the start. */
export function localEngine({ resolved, env }: SlotsAtWork, translator: WarmTranslator): Engine {
  const { slots } = resolved;
  return {
    host: new LocalHost(),
    slots,
    everThere: slots,
    commandOf: (slot) => translator.command(slot),
    needsFirst: translator.needsFirstStart?.() ?? Promise.resolve(false),
    sample: sampleHere(resolved, env),
    run: (pool) => {
      pool.start(slots);
      return pool.settled();
    },
  };
}
