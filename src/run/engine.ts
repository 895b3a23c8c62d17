import { runTool } from '../devices/run-tool.ts';
import { readGpus } from '../devices/sample.ts';
import type { Slot } from '../model/slot.ts';
import type { Command, WarmTranslator } from '../translators/translator.ts';
import type { Host } from '../workers/hosts/host.ts';
import { LocalHost } from '../workers/hosts/local/local-host.ts';
import type { Packing } from './packing/packing.ts';
import type { CardMemory } from './packing/room.ts';
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
  run(pool: SlotPool, packing: Packing | undefined): Promise<void>;
  /** Memory of each card now, as far as something tells. */
  readonly cards: () => Promise<ReadonlyMap<number, CardMemory>>;
  /** All slots that took part. */
  readonly everThere: readonly Slot[];
}

/** This machine: its slots are there from the start. */
export function localEngine({ resolved, env, stop }: SlotsAtWork, translator: WarmTranslator): Engine {
  const { slots, gpus, gpuTool: tool } = resolved;
  return {
    host: new LocalHost(),
    slots,
    everThere: slots,
    commandOf: (slot) => translator.command(slot),
    needsFirst: translator.needsFirstStart?.() ?? Promise.resolve(false),
    cards: async () => {
      if (tool === undefined) return new Map();
      const now = await readGpus({ gpus, tool, run: runTool, env, signal: stop.drain });
      return new Map(now.flatMap(({ index, memory }) => (memory ? [[index, memory] as const] : [])));
    },
    run: (pool) => {
      pool.start(slots);
      return pool.settled();
    },
  };
}
