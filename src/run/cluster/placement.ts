import { slotOn } from '../../devices/slots.ts';
import type { Emit } from '../../model/events.ts';
import type { Slot } from '../../model/slot.ts';
import type { NamedNode } from '../../workers/hosts/ray/cluster-nodes.ts';
import type { HeldGpu, ReservationListener, Reservations } from '../../workers/hosts/ray/reservations.ts';
import type { SlotPool } from '../slots/slot-pool.ts';
import { GpuPatience } from './gpu-patience.ts';

/** Names of slots that are gone are not used again: packing may have had so many on a GPU. */
const MOST_PLACES = 16;
const LOOK_EVERY_MS = 1000;

/** What slots are placed with. */
export interface PlacementSetup {
  readonly reservations: Reservations;
  readonly pool: Pick<SlotPool, 'join' | 'retire' | 'settled'>;
  /** Slots that get work now. */
  readonly slots: () => readonly Slot[];
  /** True while a worker is there on a GPU, by the name of its reservation. */
  readonly isUsed: (reservation: string) => boolean;
  /** True while something is left to do. */
  readonly hasWork: () => boolean;
  /** Told when that may have changed. */
  readonly onChange: (listener: () => void) => void;
  readonly workersPerGpu: number;
  readonly gpuWaitMs: number;
  /** Aborted when no page may begin any more. */
  readonly stop: AbortSignal;
  readonly emit: Emit;
  readonly fail: (error: unknown) => void;
  /** Is told of the first slot of a GPU, and of the place of its next one, where workers are added to it. */
  readonly joined?: (slot: Slot, place: number) => void;
  readonly nowMs?: () => number;
}

/** Lets slots join as GPUs of a cluster are held, and retire as these are lost, until there is nothing left to do. */
export class Placement implements ReservationListener {
  readonly #setup: PlacementSetup;
  readonly #nowMs: () => number;
  readonly #patience: GpuPatience;
  readonly #places = new Map<number, number>();
  readonly #cores = new Map<string, number>();
  /** What was said already of GPUs that can't be held: it is the same for each one of a node. */
  readonly #warned = new Set<string>();
  /** All slots that took part. */
  readonly everThere: Slot[] = [];
  #wake = (): void => {};

  constructor(setup: PlacementSetup) {
    const { nowMs = () => performance.now(), onChange, stop } = setup;
    this.#setup = setup;
    this.#nowMs = nowMs;
    this.#patience = new GpuPatience(setup.gpuWaitMs, nowMs());
    onChange(() => this.#wake());
    stop.addEventListener('abort', () => this.#wake(), { once: true });
  }

  /** Asks for GPUs, and settles when no slot is at work and none is needed any more. */
  async run(nodes: readonly NamedNode[]): Promise<void> {
    const { reservations, pool } = this.#setup;
    for (const node of nodes) this.nodeJoined(node);
    reservations.begin(this);
    const timer = setInterval(() => this.#look(), LOOK_EVERY_MS);
    try {
      for (;;) {
        await pool.settled();
        if (!this.#isAwaited) return;
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    } finally {
      clearInterval(timer);
      reservations.end();
    }
  }

  /** Processor cores of a slot's node, as far as they are known. */
  coresOf({ gpu }: Slot): number {
    return this.#cores.get(gpu?.node ?? '') ?? 1;
  }

  held({ gpu, cores, node }: HeldGpu): void {
    const { pool, workersPerGpu, joined } = this.#setup;
    if (!this.#isAwaited) return;
    this.#cores.set(gpu.node ?? '', cores);
    const first = this.#places.get(gpu.index) ?? 0;
    this.#places.set(gpu.index, first + (joined ? MOST_PLACES : workersPerGpu));
    for (let place = first; place < first + workersPerGpu; place += 1) {
      const slot = slotOn(gpu, place);
      this.everThere.push(slot);
      joined?.(slot, place + 1);
      const where = node?.name || node?.address || '';
      pool.join(slot, where === '' ? 'its GPU is held' : `a GPU of ${where} is held`);
    }
    this.#wake();
  }

  lost(
    gpu: Parameters<ReservationListener['lost']>[0],
    why: Parameters<ReservationListener['lost']>[1],
  ): void {
    const { pool, slots, fail } = this.#setup;
    this.#patience.lost(this.#nowMs());
    const again = why.isAskedFor && !why.isNode ? '; it is asked for again' : '';
    const words = why.isNode ? 'its node is gone' : `its GPU is not held any more: ${why.message}${again}`;
    for (const slot of slots()) {
      if (slot.gpu?.index === gpu.index) void pool.retire(slot, words).catch(fail);
    }
    this.#wake();
  }

  notHeld(node: NamedNode | undefined, message: string): void {
    const where = node === undefined ? 'the Ray cluster' : [node.label, node.name].filter(Boolean).join(' ');
    const text = `A GPU of ${where} can't be used: ${message}`;
    if (this.#warned.has(text)) return;
    this.#warned.add(text);
    this.#setup.emit({ type: 'notice', level: 'warn', text });
    this.#wake();
  }

  nodeJoined({ label, address, name, gpus }: NamedNode): void {
    this.#setup.emit({ type: 'node-joined', node: label, address, host: name, gpus });
  }

  nodeLeft({ label }: NamedNode, why: string): void {
    this.#setup.emit({ type: 'node-left', node: label, why });
    this.#wake();
  }

  warned(text: string): void {
    this.#setup.emit({ type: 'notice', level: 'warn', text: `Ray: ${text}` });
  }

  get #isAwaited(): boolean {
    return !this.#setup.stop.aborted && this.#setup.hasWork();
  }

  #look(): void {
    const { reservations, emit, fail } = this.#setup;
    if (!this.#isAwaited) return;
    // One that was disabled is for others.
    const own = new Set(this.#setup.slots().map(({ gpu }) => gpu?.index));
    reservations.release((gpu, name) => own.has(gpu.index) || this.#setup.isUsed(name));
    const found = this.#patience.look(reservations, this.#nowMs());
    if (found?.by === 'tell') emit({ type: 'notice', level: 'info', text: found.text });
    else if (found?.by === 'give-up') fail(found.refusal);
  }
}
