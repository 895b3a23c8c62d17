import type { PageFinished, RunEvent, RunStarted } from '../model/events.ts';
import type { PageId } from '../model/page.ts';
import type { SlotId } from '../model/slot.ts';
import { GpuTally, type RunSpan } from './gpu-tally.ts';
import { SlotGpus } from './slot-gpus.ts';
import type { GpuSummary } from './summary-schema.ts';

/** Adds up what the events of a run tell of each of its GPUs: its workers' loads, its pages, the time that it was busy. */
export class GpuTallies {
  readonly #slotGpus = new SlotGpus();
  readonly #tallies = new Map<number | null, GpuTally>();
  #chosen: RunStarted['gpus'] = [];
  /** What is known of GPUs since they joined. */
  readonly #joined = new Map<
    number,
    { readonly name: string | undefined; readonly node: string | undefined }
  >();
  readonly #loadingSinceMs = new Map<SlotId, number>();
  /** By which page a worker's load was measured. */
  readonly #loadedBy = new Map<SlotId, PageId>();

  add(event: RunEvent, atMs: number): void {
    switch (event.type) {
      case 'run-started':
        this.#chosen = event.gpus;
        for (const device of event.slotDevices ?? []) this.#slotGpus.add(device);
        for (const slot of event.slots) this.#of(slot).slotJoined(atMs);
        break;
      case 'slot-joined':
        this.#slotGpus.add(event);
        if (event.gpu !== null) this.#joined.set(event.gpu, { name: event.gpuName, node: event.node });
        this.#of(event.slot).slotJoined(atMs);
        break;
      case 'slot-retired':
        this.#loadingSinceMs.delete(event.slot);
        this.#of(event.slot).busy.slotRetired(event.slot, atMs);
        break;
      case 'worker-started':
        this.#loadingSinceMs.set(event.slot, atMs);
        this.#slotGpus.add(event);
        this.#of(event.slot).workerStarted(event.slot, atMs);
        break;
      case 'worker-ready':
        this.#loaded(event.slot, atMs);
        this.#of(event.slot).busy.workerReady(event.slot, atMs);
        break;
      case 'page-started':
        if (this.#loaded(event.slot, atMs)) this.#loadedBy.set(event.slot, event.page);
        this.#of(event.slot).busy.pageStarted(event.slot, event.page, atMs);
        break;
      case 'worker-exited':
        this.#loadingSinceMs.delete(event.slot);
        this.#loadedBy.delete(event.slot);
        this.#of(event.slot).workerExited(event, atMs);
        break;
      case 'page-retried':
        this.#of(event.slot).busy.pageEnded(event.slot, event.page, atMs);
        break;
      case 'page-finished':
        this.#addPage(event, atMs);
        break;
    }
  }

  /** The GPU that a slot is on; null is the CPU. */
  gpuOf(slot: SlotId): number | null {
    return this.#slotGpus.of(slot);
  }

  /** The model of a slot's GPU, where that was told. */
  nameOf(slot: SlotId): string | undefined {
    return this.#of(slot).name;
  }

  /** Mean over the GPUs of the seconds from a worker's start until it took a page; undefined while not known. */
  get secondsPerLoad(): number | undefined {
    const loads = [...this.#tallies.values()].flatMap(({ secondsPerLoad }) => secondsPerLoad ?? []);
    return loads.length === 0 ? undefined : loads.reduce((sum, load) => sum + load, 0) / loads.length;
  }

  /** What each did in a run of this time, in the order in which they were told of. */
  summaries(span: RunSpan): GpuSummary[] {
    return [...this.#tallies.values()].map((gpu) => gpu.summary(span));
  }

  #addPage(event: PageFinished, atMs: number): void {
    const { slot, seconds } = event;
    if (slot === undefined) {
      for (const { busy } of this.#tallies.values()) busy.pageEnded(slot, event.page, atMs);
      return;
    }
    const gpu = this.#of(slot);
    gpu.pageFinished(event);
    gpu.busy.pageEnded(slot, event.page, atMs);
    if (this.#loadedBy.get(slot) === event.page) {
      this.#loadedBy.delete(slot);
      if (seconds === undefined && event.output !== undefined) gpu.loadHadPage();
    }
  }

  /** True where that was news. */
  #loaded(slot: SlotId, atMs: number): boolean {
    const sinceMs = this.#loadingSinceMs.get(slot);
    if (sinceMs === undefined) return false;
    this.#loadingSinceMs.delete(slot);
    this.#of(slot).loaded(Math.max(0, atMs - sinceMs) / 1000);
    return true;
  }

  #of(slot: SlotId): GpuTally {
    const gpu = this.gpuOf(slot);
    const known = this.#tallies.get(gpu);
    if (known !== undefined) return known;
    const joined = gpu === null ? undefined : this.#joined.get(gpu);
    const name = joined?.name ?? this.#chosen.find(({ index }) => index === gpu)?.name;
    const tally = new GpuTally(gpu, { name, node: joined?.node });
    this.#tallies.set(gpu, tally);
    return tally;
  }
}
