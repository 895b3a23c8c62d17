import type { CostLine, CostPoint } from './cost-line.ts';
import { MeasuredCosts } from './measured-costs.ts';

/** What is known of one kind of device: plain figures, as they are kept from run to run. */
export interface DeviceCosts {
  readonly seconds: readonly CostPoint[];
  /** Most memory that a page took. */
  readonly bytes: readonly CostPoint[];
  /** Seconds from a worker's start until it could take its first page. */
  readonly loads: readonly number[];
}

/** Costs by the kind of device (`deviceModelOf`). */
export type KnownCosts = ReadonlyMap<string, DeviceCosts>;

/** Loads that are kept of a kind of device. */
const KEPT_LOADS = 20;

/** What was measured of one kind of device, and before this run. */
export class DeviceModel {
  readonly seconds: MeasuredCosts;
  /** First pages of processes: slower than others, and better than nothing. */
  readonly firstSeconds = new MeasuredCosts();
  readonly bytes: MeasuredCosts;
  readonly #earlierLoads: readonly number[];
  readonly #loads: number[] = [];

  constructor({ seconds, bytes, loads }: DeviceCosts = { seconds: [], bytes: [], loads: [] }) {
    this.seconds = new MeasuredCosts(seconds);
    this.bytes = new MeasuredCosts(bytes);
    this.#earlierLoads = loads;
  }

  /** Seconds by pixels; undefined where nothing was timed. */
  get line(): CostLine | undefined {
    return this.seconds.line ?? this.firstSeconds.line;
  }

  /** Seconds were measured of pages whose size was known. */
  get isBySize(): boolean {
    const { points } = this.seconds.count > 0 ? this.seconds : this.firstSeconds;
    return points.some(({ megapixels }) => megapixels !== undefined);
  }

  /** Pages that were timed. */
  get timed(): number {
    return this.seconds.count + this.firstSeconds.count;
  }

  get costs(): DeviceCosts {
    const { seconds, firstSeconds, bytes, loads } = this;
    return {
      seconds: seconds.count > 0 ? seconds.points : firstSeconds.points,
      bytes: bytes.points,
      loads,
    };
  }

  loaded(seconds: number): void {
    this.#loads.push(seconds);
    if (this.#loads.length > KEPT_LOADS) this.#loads.shift();
  }

  /** This run's, else those before: a disk that has read the models once is faster. */
  get loads(): readonly number[] {
    return this.#loads.length > 0 ? this.#loads : this.#earlierLoads;
  }
}
