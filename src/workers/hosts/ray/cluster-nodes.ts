import type { Gpu } from '../../../model/slot.ts';
import type { DriverNode, ReservedGpu } from './driver-event.ts';

/** A machine of the cluster, by its name in this run. */
export interface NamedNode extends DriverNode {
  /** `node1`, in the order of their addresses, the head first; those that join later come after them. */
  readonly label: string;
  /** Number of its first GPU among all of the cluster. */
  readonly firstGpu: number;
}

/** What has changed: machines that are new, and those that are gone. */
export interface NodeChanges {
  readonly joined: readonly NamedNode[];
  readonly left: readonly NamedNode[];
}

/** Which machines there are, and which GPU has which number among all of them. Pure bookkeeping. */
export class ClusterNodes {
  readonly #listeners = new Set<(changes: NodeChanges) => void>();
  /** Machines of which no more is known than that a GPU is held there. */
  readonly #untold = new Set<string>();
  readonly #nodes = new Map<string, NamedNode>();
  readonly #taken = new Set<number>();
  #named = 0;
  #numbered = 0;

  constructor(nodes: readonly DriverNode[]) {
    this.join(nodes);
  }

  get all(): readonly NamedNode[] {
    return [...this.#nodes.values()];
  }

  of(node: string): NamedNode | undefined {
    return this.#nodes.get(node);
  }

  /** Calls the listener with every change from now on, until what comes back is called. */
  listen(listener: (changes: NodeChanges) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Takes what the driver says of machines that came and went. */
  change({
    joined,
    left,
  }: {
    readonly joined: readonly DriverNode[];
    readonly left: readonly string[];
  }): void {
    const changes = { left: left.flatMap((node) => this.leave(node) ?? []), joined: this.join(joined) };
    for (const listener of [...this.#listeners]) listener(changes);
  }

  /**
   * Machines that are new, with their names. One that left and comes back is another one; one that was known by a GPU alone is new,
   * and keeps its name.
   */
  join(nodes: readonly DriverNode[]): readonly NamedNode[] {
    const isNew = ({ node }: DriverNode): boolean => !this.#nodes.has(node) || this.#untold.delete(node);
    return nodes
      .filter(isNew)
      .sort(byPlace)
      .map((node) => {
        const label = this.#nodes.get(node.node)?.label ?? this.#nextName();
        const named = { ...node, label, firstGpu: this.#numbered };
        this.#numbered += node.gpus;
        this.#nodes.set(node.node, named);
        return named;
      });
  }

  /** The machine is gone; undefined where it was unknown. */
  leave(node: string): NamedNode | undefined {
    const named = this.#nodes.get(node);
    this.#nodes.delete(node);
    this.#untold.delete(node);
    return named;
  }

  /** The GPU that is held now, with its number; `again`: the number that it had before. */
  held(reserved: ReservedGpu, again?: number): Gpu {
    const node = this.#nodes.get(reserved.node) ?? this.#joinUntold(reserved.node);
    const index = again ?? this.#numberOn(node);
    this.#taken.add(index);
    const { gpuName, gpuMemoryBytes } = reserved;
    return {
      ...gpuOf(node, index),
      visibleAs: reserved.device,
      ...(gpuName != null && { name: gpuName }),
      ...(gpuMemoryBytes != null && { memoryTotalBytes: gpuMemoryBytes }),
    };
  }

  /** Every GPU of every machine, as it is known before it is held. */
  get gpus(): readonly Gpu[] {
    return this.all.flatMap((node) =>
      Array.from({ length: node.gpus }, (_, at) => gpuOf(node, node.firstGpu + at)),
    );
  }

  #nextName(): string {
    this.#named += 1;
    return `node${this.#named}`;
  }

  /** A GPU of it is held before the driver has told of it. */
  #joinUntold(node: string): NamedNode | undefined {
    const [named] = this.join([unknownNode(node)]);
    this.#untold.add(node);
    return named;
  }

  #numberOn(node: NamedNode | undefined): number {
    for (let at = 0; node && at < node.gpus; at += 1) {
      if (!this.#taken.has(node.firstGpu + at)) return node.firstGpu + at;
    }
    // It has more than it said.
    this.#numbered += 1;
    return this.#numbered - 1;
  }
}

const gpuOf = (node: NamedNode | undefined, index: number): Gpu => ({
  index,
  vendor: node?.kind ?? 'unknown',
  visibleAs: String(index - (node?.firstGpu ?? 0)),
  ...(node && { node: node.label }),
});

const unknownNode = (node: string): DriverNode => ({
  node,
  address: '',
  name: '',
  head: false,
  gpus: 0,
  cores: 0,
});

/** The head first, then by the numbers of their addresses. */
const byPlace = (a: DriverNode, b: DriverNode): number =>
  Number(b.head) - Number(a.head) || a.address.localeCompare(b.address, 'en', { numeric: true });
