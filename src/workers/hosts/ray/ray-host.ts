import type { Slot } from '../../../model/slot.ts';
import type { Host, HostUse, MachineUse, WorkerChannel, WorkerLaunch } from '../host.ts';
import type { RayDriver } from './driver.ts';
import { RayChannel } from './ray-channel.ts';

/** A round trip through the driver, and the bytes of a page. */
const LEAST_GAP_SECONDS = 0.03;

/** Of a node's memory, workers may use this share: Ray ends processes before all of it is used. */
const MOST_MEMORY = 0.8;

/** What a node has. */
export interface Machine {
  readonly cores: number;
  /** All of its main memory that a worker may have, in bytes; undefined where nobody tells. */
  readonly memoryBytes: number | undefined;
}

/** What a host needs to know of the GPUs that it is lent. */
export interface ReservationLookup {
  /** The name under which the driver holds a slot's GPU; undefined where it does not, or no longer. */
  reservationOf(slot: Slot): string | undefined;
  /** Nodes with a GPU that is or was held, by their names. */
  readonly machines: ReadonlyMap<string, Machine>;
}

/** A worker, and where it is. */
interface Living {
  readonly channel: RayChannel;
  /** The reservation of its GPU. */
  readonly gpu: string;
  readonly node: string | undefined;
}

/** The nodes of a Ray cluster: a worker lives beside the actor that holds its GPU. */
export class RayHost implements Host {
  readonly leastGapSeconds = LEAST_GAP_SECONDS;
  readonly #driver: RayDriver;
  readonly #held: ReservationLookup;
  readonly #files: Readonly<Record<string, string>>;
  readonly #channels = new Map<string, Living>();
  readonly #letGo: () => void;
  #started = 0;

  /** @param files what travels to each worker: content in base64, by its name in `{files}` */
  constructor(driver: RayDriver, held: ReservationLookup, files: Readonly<Record<string, string>>) {
    this.#driver = driver;
    this.#held = held;
    this.#files = files;
    this.#letGo = driver.listen((event) => {
      if (event.type === 'lost') this.#lost(event.gpu, event.message, event.why !== 'actor');
      else if ('slot' in event) this.#channels.get(event.slot)?.channel.take(event);
    });
    void driver.ended.then(() => this.#lost(undefined, 'the Ray cluster is lost', true));
  }

  /** True while a worker is there beside the actor that holds a GPU. */
  isUsed(reservation: string): boolean {
    return [...this.#channels.values()].some(({ gpu }) => gpu === reservation);
  }

  async assertReady(): Promise<void> {}

  start(slot: Slot, { command, env, takesLines }: WorkerLaunch): WorkerChannel {
    this.#started += 1;
    // The driver knows each worker of a slot by a name of its own: what one says late is not taken for the next one's.
    const name = `${slot.id}.${this.#started}`;
    const channel = new RayChannel(name, (told) => this.#driver.send(told));
    const gpu = this.#held.reservationOf(slot);
    if (gpu === undefined) {
      channel.lose(`${slot.id}: its GPU is not held any more`, { isBlameless: true });
      return channel;
    }
    this.#channels.set(name, { channel, gpu, node: slot.gpu?.node });
    void channel.ended.then(() => this.#channels.delete(name));
    const { file, args, cwd, env: own, placed } = command;
    this.#driver.send({
      type: 'start',
      slot: name,
      gpu,
      launch: {
        argv: [file, ...args],
        ...(placed && { placed }),
        cwd: cwd === '' ? null : cwd,
        env: { ...env, ...own },
        files: this.#files,
        device: true,
      },
    });
    if (!takesLines) channel.closeInput();
    return channel;
  }

  /** Each node has its own. */
  freeMemory(): undefined {
    return undefined;
  }

  async use(): Promise<HostUse> {
    const workers = [...this.#channels.values()];
    const held = await Promise.all(workers.map(({ channel }) => channel.memory()));
    const known = held.flatMap((one) => one?.now ?? []);
    const machines = new Map<string, MachineUse>();
    for (const [node, { memoryBytes, cores }] of this.#held.machines) {
      const used = held.reduce((sum, one, at) => sum + (workers[at]?.node === node ? (one?.now ?? 0) : 0), 0);
      const freeBytes = memoryBytes === undefined ? undefined : memoryBytes * MOST_MEMORY - used;
      machines.set(node, { freeBytes, cores });
    }
    return {
      machines,
      coresUsed: undefined,
      cores: undefined,
      largestBytes: known.length > 0 ? Math.max(...known) : undefined,
      freeBytes: undefined,
    };
  }

  async close(): Promise<void> {
    this.#letGo();
    void this.#driver.close();
  }

  #lost(gpu: string | undefined, message: string, isBlameless: boolean): void {
    for (const { channel, gpu: own } of [...this.#channels.values()]) {
      if (gpu === undefined || own === gpu) channel.lose(message, { isBlameless });
    }
  }
}
