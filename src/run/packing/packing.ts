import type { Emit, Happening } from '../../model/events.ts';
import type { PageId } from '../../model/page.ts';
import type { Slot } from '../../model/slot.ts';
import type { HostUse } from '../../workers/hosts/host.ts';
import type { SlotPool } from '../slots/slot-pool.ts';
import type { PackingStep } from './packed-device.ts';
import { PackingPolicy } from './packing-policy.ts';
import type { Resources } from './resources.ts';
import type { DeviceMemory } from './room.ts';

/** What a run's packing is made from. */
interface PackingSetup {
  readonly slots: readonly Slot[];
  readonly costOf: (page: PageId) => number;
  readonly pool: Pick<SlotPool, 'join' | 'retire'>;
  /** What the workers use. */
  readonly use: () => Promise<HostUse>;
  readonly emit: Emit;
  /** Aborted when no page may begin any more. */
  readonly stop: AbortSignal;
  /** Memory of each card now, as far as something tells. */
  readonly cards: () => Promise<ReadonlyMap<number, DeviceMemory>>;
  /** So many workers can be at work in all before the launcher may open no more files. */
  readonly mostWorkers: number;
  readonly queue: () => Pick<Resources, 'pagesLeft' | 'mayBeMore' | 'groupsLeft'>;
  /** The slot begins no other group of pages. */
  readonly endAfterGroup: (slot: Slot) => void;
  /** True where the slot is in the middle of a group of pages, which no other worker should go on with. */
  readonly isMidGroup: (slot: Slot) => boolean;
}

/** Lets workers join and retire while a run goes on, as the policy decides. It never makes a run fail. */
export class Packing {
  readonly #setup: PackingSetup;
  readonly #policy: PackingPolicy;
  /** Slots that go once they are through with their group. */
  #leaving: Extract<PackingStep, { by: 'retire' }>[] = [];
  #going: Promise<void> | undefined;
  #isOver = false;

  constructor(setup: PackingSetup) {
    this.#setup = setup;
    this.#policy = new PackingPolicy(setup.slots, setup.costOf);
  }

  /** The first slot of a device that came while the run goes on; `place`: of its next one. */
  joined(slot: Slot, place: number): void {
    this.#policy.joined(slot, place);
  }

  /** Hears an event of the run. What follows from it comes later: nobody is in the middle of something then. */
  readonly hear = (event: Happening): void => {
    if (this.#isOver) return;
    const isNews = this.#policy.hear(event, performance.now());
    // From here on, the workers that there are now are measured.
    if (event.type === 'worker-ready') void this.#setup.use();
    const mayLeave = event.type === 'page-finished' && this.#leaving.length > 0;
    if (mayLeave || (isNews && this.#policy.isDue)) this.#going ??= this.#go();
  };

  /** No slot is at work any more. Settles when nothing is under way. */
  async close(): Promise<void> {
    this.#isOver = true;
    await this.#going;
  }

  async #go(): Promise<void> {
    try {
      await this.#carryOut(this.#policy.decide());
      if (this.#policy.wantsResources) {
        const resources = await this.#resources();
        await this.#carryOut(this.#policy.decide(resources));
      }
      const leaving = this.#leaving;
      this.#leaving = [];
      await this.#carryOut(leaving);
    } catch (error) {
      // Nobody decides any more; the run goes on.
      this.#isOver = true;
      const why = error instanceof Error ? error.message : String(error);
      this.#setup.emit({
        type: 'notice',
        level: 'warn',
        text: `--workers-per-gpu auto stays at the workers that there are: ${why}.`,
      });
    } finally {
      this.#going = undefined;
    }
  }

  async #carryOut(steps: readonly PackingStep[]): Promise<void> {
    // An event is heard from within what it tells of.
    await undefined;
    const { pool, emit, stop, endAfterGroup, isMidGroup } = this.#setup;
    for (const step of steps) {
      if (this.#isOver || stop.aborted) return;
      switch (step.by) {
        case 'add':
          pool.join(step.slot, step.why);
          break;
        case 'retire':
          endAfterGroup(step.slot);
          if (isMidGroup(step.slot)) this.#leaving.push(step);
          else await pool.retire(step.slot, step.why, 'packing');
          break;
        case 'tell': {
          const { by: _, ...told } = step;
          emit({ type: 'packing-changed', ...told });
        }
      }
    }
  }

  async #resources(): Promise<Resources> {
    const { cards, use, mostWorkers, queue } = this.#setup;
    const [memory, used] = await Promise.all([cards(), use()]);
    return {
      memoryOf: (gpu) => (gpu === null ? undefined : memory.get(gpu)),
      mainFree: used.freeBytes,
      mainPeak: used.largestBytes,
      coresUsed: used.coresUsed,
      cores: used.cores,
      ...(used.machines && { machines: used.machines }),
      moreWorkers: mostWorkers - this.#policy.workers,
      ...queue(),
    };
  }
}
