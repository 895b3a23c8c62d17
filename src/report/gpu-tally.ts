import type { PageFinished, WorkerExited } from '../events.ts';
import type { SlotId } from '../gpus/gpu.ts';
import type { Outcome } from '../outcome.ts';
import type { GpuSummary } from './summary-schema.ts';
import { round3 } from './words.ts';

/** What one GPU did so far: sums and counts, and the workers that live on it now. */
export class GpuTally {
  #outcomes: Record<Outcome, number> = { translated: 0, 'no-text': 0, untranslated: 0, failed: 0 };
  #timedPages = 0;
  #pageSeconds = 0;
  #loads = 0;
  #timedLoads = 0;
  #loadSeconds = 0;
  #exits: Record<string, number> = {};
  #live = new Set<SlotId>();
  #busySinceMs = 0;
  #busyMs = 0;

  constructor(
    readonly gpu: number | null,
    readonly name: string | undefined,
  ) {}

  workerStarted(slot: SlotId, atMs: number): void {
    this.#loads += 1;
    if (this.#live.size === 0) this.#busySinceMs = atMs;
    this.#live.add(slot);
  }

  loaded(seconds: number): void {
    this.#timedLoads += 1;
    this.#loadSeconds += seconds;
  }

  workerExited({ slot, exitCode, signal }: WorkerExited, atMs: number): void {
    const end = signal ?? String(exitCode ?? 'unknown');
    this.#exits[end] = (this.#exits[end] ?? 0) + 1;
    if (this.#live.delete(slot) && this.#live.size === 0) this.#busyMs += atMs - this.#busySinceMs;
  }

  pageFinished({ outcome, seconds }: PageFinished): void {
    this.#outcomes[outcome] += 1;
    if (seconds === undefined) return;
    this.#timedPages += 1;
    this.#pageSeconds += seconds;
  }

  /** Mean seconds from a worker's start until it took a page; undefined before the first. */
  get secondsPerLoad(): number | undefined {
    return this.#timedLoads === 0 ? undefined : this.#loadSeconds / this.#timedLoads;
  }

  summary(nowMs: number, runSeconds: number): GpuSummary {
    const { translated, untranslated, failed, 'no-text': noText } = this.#outcomes;
    const liveMs = this.#live.size > 0 ? nowMs - this.#busySinceMs : 0;
    const busySeconds = Math.max(0, this.#busyMs + liveMs) / 1000;
    return {
      gpu: this.gpu,
      name: this.name,
      pages: translated + noText + untranslated + failed,
      outcomes: { ...this.#outcomes },
      secondsPerPage: this.#timedPages === 0 ? null : round3(this.#pageSeconds / this.#timedPages),
      busySeconds: round3(busySeconds),
      busyShare: runSeconds > 0 ? round3(Math.min(1, busySeconds / runSeconds)) : 0,
      loads: this.#loads,
      secondsPerLoad: this.secondsPerLoad === undefined ? null : round3(this.secondsPerLoad),
      exits: { ...this.#exits },
    };
  }
}

/** The GPU of a slot by its name; null for the CPU's. */
export function gpuOfSlot(slot: SlotId): number | null {
  const digits = /^gpu(\d+)-/.exec(slot)?.[1];
  return digits === undefined ? null : Number(digits);
}
