import { availableMemory, freeMainMemory } from '../../../devices/main-memory.ts';
import { usableCores } from '../../../devices/usable-cores.ts';
import type { Slot } from '../../../model/slot.ts';
import type { Host, HostUse, WorkerChannel, WorkerLaunch } from '../host.ts';
import { GroupUsage } from './group-usage.ts';
import { Guard } from './guard.ts';
import { startLocally } from './local-channel.ts';

/** This machine: a process group for each worker, and a guard that ends them if the launcher dies. */
export class LocalHost implements Host {
  readonly leastGapSeconds = 0.002;
  readonly #guard = new Guard();
  readonly #usage = new GroupUsage();
  readonly #groups = new Set<number>();

  assertReady(): Promise<void> {
    return this.#guard.assertStarted();
  }

  start(_slot: Slot, launch: WorkerLaunch): WorkerChannel {
    const channel = startLocally(launch, this.#guard);
    const { id } = channel;
    if (id !== undefined) {
      this.#groups.add(id);
      void channel.exited.then(() => this.#groups.delete(id));
    }
    return channel;
  }

  freeMemory(): number | undefined {
    return availableMemory();
  }

  async use(): Promise<HostUse> {
    const [usage, cores] = await Promise.all([this.#usage.read([...this.#groups]), usableCores()]);
    return { ...usage, cores, freeBytes: freeMainMemory() };
  }

  async close(): Promise<void> {
    this.#guard.close();
  }
}
