import type { PageFinished, WorkerExited } from '../model/events.ts';
import type { Outcome } from '../model/outcome.ts';
import type { SlotId } from '../model/slot.ts';
import { BusyTime } from './busy-time.ts';
import { round3 } from './format.ts';
import type { GpuSummary } from './summary-schema.ts';

/** A run's time, by its events and by its own clock. */
export interface RunSpan {
  readonly firstMs: number;
  readonly lastMs: number;
  readonly seconds: number;
}

/** What one GPU did so far: sums and counts, and the workers that live on it now. */
export class GpuTally {
  readonly gpu: number | null;
  readonly name: string | undefined;
  readonly node: string | undefined;
  #outcomes: Record<Outcome, number> = { translated: 0, 'no-text': 0, untranslated: 0, failed: 0 };
  #timedPages = 0;
  #pageSeconds = 0;
  #loads = 0;
  #timedLoads = 0;
  #loadSeconds = 0;
  #exits: Record<string, number> = {};
  /** Loads that were measured to the end of a first page. */
  #loadsWithPage = 0;
  /** When its first slot came. */
  #sinceMs: number | undefined;
  readonly busy = new BusyTime();

  constructor(
    gpu: number | null,
    { name, node }: { readonly name?: string | undefined; readonly node?: string | undefined } = {},
  ) {
    this.gpu = gpu;
    this.name = name;
    this.node = node;
  }

  workerStarted(slot: SlotId, atMs: number): void {
    this.#loads += 1;
    this.busy.workerStarted(slot, atMs);
  }

  loaded(seconds: number): void {
    this.#timedLoads += 1;
    this.#loadSeconds += seconds;
  }

  /** The page by which a load was measured had begun earlier: its program names pages late, or never. */
  loadHadPage(): void {
    this.#loadsWithPage += 1;
  }

  workerExited({ slot, exitCode, signal }: WorkerExited, atMs: number): void {
    const end = signal ?? String(exitCode ?? 'unknown');
    this.#exits[end] = (this.#exits[end] ?? 0) + 1;
    this.busy.workerExited(slot, atMs);
  }

  pageFinished({ outcome, seconds }: PageFinished): void {
    this.#outcomes[outcome] += 1;
    if (seconds === undefined) return;
    this.#timedPages += 1;
    this.#pageSeconds += seconds;
  }

  /** Mean seconds from a worker's start until it took a page; undefined while not known. */
  get secondsPerLoad(): number | undefined {
    if (this.#timedLoads === 0) return undefined;
    const pageSeconds = this.#timedPages === 0 ? 0 : this.#pageSeconds / this.#timedPages;
    const seconds = this.#loadSeconds - this.#loadsWithPage * pageSeconds;
    // A program that names all pages before it loads: its loads are not known.
    return this.#loadsWithPage > 0 && seconds <= 0 ? undefined : seconds / this.#timedLoads;
  }

  /** A slot on it takes pages from now on. */
  slotJoined(atMs: number): void {
    this.#sinceMs ??= atMs;
  }

  /** What it did in a run that goes from `firstMs` to `lastMs`, which are `seconds`. */
  summary({ firstMs, lastMs, seconds }: RunSpan): GpuSummary {
    const { translated, untranslated, failed, 'no-text': noText } = this.#outcomes;
    const busySeconds = this.busy.seconds(lastMs);
    // Before its first slot it had nothing to be busy for.
    const awaySeconds = Math.max(0, (this.#sinceMs ?? firstMs) - firstMs) / 1000;
    const ofSeconds = seconds - awaySeconds;
    return {
      gpu: this.gpu,
      name: this.name,
      ...(this.node !== undefined && { node: this.node }),
      pages: translated + noText + untranslated + failed,
      outcomes: { ...this.#outcomes },
      secondsPerPage: this.#timedPages === 0 ? null : round3(this.#pageSeconds / this.#timedPages),
      busySeconds: round3(busySeconds),
      busyShare: ofSeconds > 0 ? round3(Math.min(1, busySeconds / ofSeconds)) : 0,
      loads: this.#loads,
      secondsPerLoad: this.secondsPerLoad === undefined ? null : round3(this.secondsPerLoad),
      exits: { ...this.#exits },
    };
  }
}
