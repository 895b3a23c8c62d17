/** More than a worker's peak has to be free: others use memory, too. */
const RESERVE = 1.1;

/** How much main memory the workers of a run need, as far as they have shown. */
export class WorkerMemory {
  readonly #availableBytes: () => number | undefined;
  #peakBytes: number | undefined;

  constructor(availableBytes: () => number | undefined) {
    this.#availableBytes = availableBytes;
  }

  /** True where somebody tells what is free: else nothing is ever short. */
  get isWatched(): boolean {
    return this.#availableBytes() !== undefined;
  }

  /** A worker that has loaded its models has had so much. */
  note(bytes: number | undefined): void {
    if (bytes !== undefined && bytes > (this.#peakBytes ?? 0)) this.#peakBytes = bytes;
  }

  /** True where there is no room for so many workers that load at the same time. False as long as none has loaded. */
  isShortFor(loads: number): boolean {
    if (this.#peakBytes === undefined) return false;
    const available = this.#availableBytes();
    return available !== undefined && available < this.#peakBytes * RESERVE * loads;
  }
}
