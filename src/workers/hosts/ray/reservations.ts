import type { Gpu, Slot } from '../../../model/slot.ts';
import type { ClusterNodes, NamedNode, NodeChanges } from './cluster-nodes.ts';
import type { RayDriver } from './driver.ts';
import type { DriverEvent, DriverSaid } from './driver-event.ts';
import type { Machine, ReservationLookup } from './ray-host.ts';

/** A GPU whose holder dies so often is not asked for again. */
const MOST_LOSSES = 3;
/** A GPU that was held for so long is a good one, whatever was before. */
const PROVEN_MS = 5 * 60_000;

/** A GPU that is held, and what its node has for the workers there. */
export interface HeldGpu {
  readonly gpu: Gpu;
  /** Processor cores of its node. */
  readonly cores: number;
  readonly node: NamedNode | undefined;
}

/** Is told what becomes of the GPUs of a cluster. */
export interface ReservationListener {
  held(gpu: HeldGpu): void;
  /** `isNode`: with all of its machine. `isAskedFor`: it will be held again as soon as that is possible. */
  lost(
    gpu: Gpu,
    why: { readonly message: string; readonly isNode: boolean; readonly isAskedFor: boolean },
  ): void;
  /** A GPU can't be held, for another reason than that others have it; `node` is missing where any would have done. */
  notHeld(node: NamedNode | undefined, message: string): void;
  nodeJoined(node: NamedNode): void;
  nodeLeft(node: NamedNode, why: string): void;
  /** Ray has something to say. */
  warned(message: string): void;
}

/** What was asked for and what came of it. */
interface Reservation {
  /** Missing: wherever there is one. */
  readonly node: string | undefined;
  /** The number that it had before. */
  readonly again?: number;
  gpu?: Gpu;
  heldSinceMs?: number;
}

/**
 * Asks for the GPUs of a cluster, each by itself, and keeps account of those that are held: all that there are and that come, or
 * so many wherever they are. One whose holder has died is asked for again.
 */
export class Reservations implements ReservationLookup {
  readonly #driver: RayDriver;
  readonly #nodes: ClusterNodes;
  readonly #most: number | undefined;
  readonly #nowMs: () => number;
  #tell: ReservationListener | undefined;
  readonly #all = new Map<string, Reservation>();
  readonly #losses = new Map<number, number>();
  readonly #machines = new Map<string, Machine>();
  #asked = 0;
  /** GPUs in a row that could not be held for another reason than that others have them. */
  #unplacedInARow = 0;
  /** Why the last one is gone, or could not be held. */
  lastWords: string | undefined;
  #letGo: readonly (() => void)[] = [];

  /** @param most GPUs to hold, wherever they are; missing: each one of every node */
  constructor({
    driver,
    nodes,
    most,
    nowMs = () => performance.now(),
  }: {
    readonly driver: RayDriver;
    readonly nodes: ClusterNodes;
    readonly most: number | undefined;
    readonly nowMs?: () => number;
  }) {
    this.#driver = driver;
    this.#nodes = nodes;
    this.#most = most;
    this.#nowMs = nowMs;
  }

  /** Asks for all of them, on the nodes that there are by now. */
  begin(tell: ReservationListener): void {
    this.#tell = tell;
    this.#letGo = [
      this.#driver.listen((event) => this.#take(event)),
      this.#nodes.listen((changes) => this.#changed(changes)),
    ];
    if (this.#most !== undefined) for (let at = 0; at < this.#most; at += 1) this.#ask({ node: undefined });
    else for (const node of this.#nodes.all) this.#askAllOf(node);
  }

  /** Lets go of those that are held and of no use any more. */
  release(isOfUse: (gpu: Gpu, name: string) => boolean): void {
    for (const [name, { gpu }] of [...this.#all]) {
      if (gpu === undefined || isOfUse(gpu, name)) continue;
      this.#all.delete(name);
      this.#driver.send({ type: 'release', gpu: name });
    }
  }

  /** Lets go of all of them. */
  end(): void {
    for (const letGo of this.#letGo) letGo();
    for (const name of this.#all.keys()) this.#driver.send({ type: 'release', gpu: name });
    this.#all.clear();
  }

  /** GPUs that are held. */
  get held(): number {
    return [...this.#all.values()].filter(({ gpu }) => gpu !== undefined).length;
  }

  /** GPUs that were asked for, and are not held: others have them. */
  get pending(): number {
    return this.#all.size - this.held;
  }

  get machines(): ReadonlyMap<string, Machine> {
    return this.#machines;
  }

  reservationOf({ gpu }: Slot): string | undefined {
    return [...this.#all].find(([, one]) => one.gpu !== undefined && one.gpu.index === gpu?.index)?.[0];
  }

  /** The GPU that the driver knows by this name. */
  gpuOf(name: string): Gpu | undefined {
    return this.#all.get(name)?.gpu;
  }

  #take(event: DriverEvent): void {
    switch (event.type) {
      case 'reserved':
        this.#reserved(event);
        return;
      case 'unplaced':
        this.#unplaced(event);
        return;
      case 'lost':
        this.#lost(event);
        return;
      case 'warning':
        this.#tell?.warned(event.message);
        return;
      default:
        return;
    }
  }

  #reserved(event: DriverSaid<'reserved'>): void {
    const one = this.#all.get(event.gpu);
    if (!one || one.gpu) return;
    this.#unplacedInARow = 0;
    const gpu = this.#nodes.held(event, one.again);
    one.gpu = gpu;
    one.heldSinceMs = this.#nowMs();
    const cores = Math.max(1, event.cores);
    const memory = [event.memoryBytes, event.constrainedMemoryBytes].flatMap((bytes) => bytes || []);
    const memoryBytes = memory.length === 0 ? undefined : Math.min(...memory);
    if (gpu.node !== undefined) this.#machines.set(gpu.node, { cores, memoryBytes });
    this.#tell?.held({ gpu, cores, node: this.#nodes.of(event.node) });
  }

  /** Its machine is gone, or nothing can be started there; where any will do, another one may have a GPU. */
  #unplaced({ gpu: name, message }: DriverSaid<'unplaced'>): void {
    const one = this.#all.get(name);
    if (!one) return;
    this.#all.delete(name);
    this.lastWords = message;
    this.#unplacedInARow += 1;
    const isWorthwhile = this.#most !== undefined && this.#unplacedInARow <= this.#most * MOST_LOSSES;
    if (isWorthwhile) this.#ask({ node: undefined });
    this.#tell?.notHeld(one.node === undefined ? undefined : this.#nodes.of(one.node), message);
  }

  #lost({ gpu: name, why, message }: DriverSaid<'lost'>): void {
    const one = this.#all.get(name);
    this.#all.delete(name);
    if (!one) return;
    const { gpu, heldSinceMs = this.#nowMs() } = one;
    const isNode = why === 'node';
    this.lastWords = message;
    const isProven = this.#nowMs() - heldSinceMs >= PROVEN_MS;
    const before = isProven ? 0 : (this.#losses.get(gpu?.index ?? -1) ?? 0);
    // That this program was not heard says nothing of the GPU.
    const losses = why === 'actor' ? before + 1 : before;
    if (gpu) this.#losses.set(gpu.index, losses);
    const isAskedFor = isNode ? this.#most !== undefined : losses < MOST_LOSSES;
    const node = isNode ? undefined : this.#nodes.all.find(({ label }) => label === gpu?.node);
    if (isAskedFor) this.#ask({ node: node?.node, ...(node && gpu && { again: gpu.index }) });
    if (gpu) this.#tell?.lost(gpu, { message, isNode, isAskedFor });
  }

  #changed({ joined, left }: NodeChanges): void {
    for (const node of left) this.#tell?.nodeLeft(node, 'Ray has lost contact with it');
    for (const node of joined) {
      this.#tell?.nodeJoined(node);
      if (this.#most === undefined) this.#askAllOf(node);
    }
  }

  #askAllOf({ node, gpus }: NamedNode): void {
    for (let at = 0; at < gpus; at += 1) this.#ask({ node });
  }

  #ask(reservation: Reservation): void {
    this.#asked += 1;
    const name = `g${this.#asked}`;
    this.#all.set(name, reservation);
    this.#driver.send({ type: 'reserve', gpu: name, node: reservation.node ?? null });
  }
}
