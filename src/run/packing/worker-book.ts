import type { Happening } from '../../model/events.ts';
import type { PageId } from '../../model/page.ts';
import { gpuIndexOf, type Slot, type SlotId } from '../../model/slot.ts';
import type { CardUse } from './room.ts';

type Gpu = number | null;

interface Worker {
  readonly gpu: Gpu;
  readonly slot: SlotId;
  isReady: boolean;
  hasBegun: boolean;
  /** The pages that it has, as they were started; the first one of a process is slower than the others, and left out. */
  readonly pages: Map<PageId, StartedPage>;
}

interface StartedPage {
  readonly sinceMs: number;
  /** Of the device, as the page was started. */
  readonly period: number;
  readonly retired: number;
  /** Other workers of the device were there. */
  readonly hadCompany: boolean;
  readonly isFirst: boolean;
}

interface Device {
  readonly usedBefore: number;
  /** Counts the times at which a worker of the device came or went. */
  period: number;
  /** Slots of the device that were retired so far. */
  retired: number;
  peak: number | undefined;
}

/** What an event says to those who count workers. */
export type News =
  /** A page was done while the number of workers of its device stayed the same. */
  | ({ readonly by: 'page'; readonly gpu: Gpu; readonly slot: SlotId; readonly workers: number } & {
      readonly page: PageId;
      readonly seconds: number;
    })
  | { readonly by: 'ready'; readonly slot: SlotId }
  /** A worker ended before it was ready, where another one of its device is. */
  | { readonly by: 'no-start'; readonly slot: SlotId }
  /** A page found no memory beside other workers. */
  | { readonly by: 'short'; readonly gpu: Gpu }
  /** The translator's service refuses for now. */
  | { readonly by: 'refused' }
  /** The slot takes no more pages. */
  | { readonly by: 'retired'; readonly slot: SlotId }
  /** The device takes no more pages. */
  | { readonly by: 'benched'; readonly gpu: Gpu };

/** Which workers there are, what they are at and what they hold, from the events of a run. Pure bookkeeping. */
export class WorkerBook {
  readonly #workers = new Map<SlotId, Worker>();
  readonly #devices = new Map<Gpu, Device>();
  /** Pages that lost their worker beside others, until it is told why. */
  readonly #lost = new Map<PageId, Gpu>();
  #longestLoad = 0;

  constructor(slots: readonly Slot[]) {
    for (const slot of slots) this.join(slot);
  }

  /** A slot of a device that may be new. */
  join(slot: Slot): void {
    if (this.#devices.has(gpuIndexOf(slot))) return;
    const { memoryTotalBytes: total = 0, memoryFreeBytes: free = total } = slot.gpu ?? {};
    this.#devices.set(gpuIndexOf(slot), {
      usedBefore: total - free,
      period: 0,
      retired: 0,
      peak: undefined,
    });
  }

  /** Takes an event down, at a time in milliseconds of any steady clock. */
  hear(event: Happening, atMs: number): News | undefined {
    switch (event.type) {
      case 'worker-started': {
        const { gpu, slot } = event;
        const worker = { gpu, slot, isReady: false, hasBegun: false, pages: new Map() };
        this.#workers.set(slot, worker);
        return undefined;
      }
      case 'worker-ready':
        return this.#ready(event.slot, event.loadSeconds);
      case 'page-started':
        this.#started(event.slot, event.page, atMs);
        return undefined;
      case 'page-finished':
        if (event.slot === undefined) return undefined;
        if (event.outcome === 'failed') return this.#failed(event.slot, event.page, event.reason);
        if (event.peakMemoryBytes !== undefined) this.#holds(event.slot, event.peakMemoryBytes);
        return this.#done(event.slot, event.page, atMs);
      case 'page-retried':
        return this.#failed(event.slot, event.page, event.reason);
      case 'worker-exited':
        return this.#exited(event.slot);
      case 'slot-retired':
        this.#retired(this.#workers.get(event.slot)?.gpu);
        return { by: 'retired', slot: event.slot };
      case 'gpu-benched':
        return { by: 'benched', gpu: event.gpu };
      case 'gpu-sampled':
        this.sampled(event.gpu, event.memoryUsedBytes);
        return undefined;
      case 'service-waiting':
        return { by: 'refused' };
      default:
        return undefined;
    }
  }

  /** So much of a device's memory is used now. */
  sampled(gpu: Gpu, usedBytes: number): void {
    const device = this.#devices.get(gpu);
    const workers = this.aliveOn(gpu);
    const held = device && workers > 0 ? (usedBytes - device.usedBefore) / workers : 0;
    if (device && held > 0) device.peak = Math.max(device.peak ?? 0, held);
  }

  /** Worker processes on a device, those that load too. */
  aliveOn(gpu: Gpu): number {
    return [...this.#workers.values()].filter((worker) => worker.gpu === gpu).length;
  }

  readyOn(gpu: Gpu): number {
    return [...this.#workers.values()].filter((worker) => worker.gpu === gpu && worker.isReady).length;
  }

  isReady(slot: SlotId): boolean {
    return this.#workers.get(slot)?.isReady ?? false;
  }

  cardUse(gpu: Gpu): CardUse {
    const { usedBefore = 0, peak } = this.#devices.get(gpu) ?? {};
    return { before: usedBefore, workers: this.aliveOn(gpu), workerPeak: peak };
  }

  /** Workers that are there, on all devices. */
  get alive(): number {
    return this.#workers.size;
  }

  /** Seconds of the longest load so far. */
  get loadSeconds(): number {
    return this.#longestLoad;
  }

  #ready(slot: SlotId, loadSeconds: number): News | undefined {
    const worker = this.#workers.get(slot);
    if (!worker) return undefined;
    worker.isReady = true;
    this.#longestLoad = Math.max(this.#longestLoad, loadSeconds);
    this.#changed(worker.gpu);
    return { by: 'ready', slot };
  }

  #started(slot: SlotId, page: PageId, sinceMs: number): void {
    const worker = this.#workers.get(slot);
    const device = worker && this.#devices.get(worker.gpu);
    if (!device) return;
    const { period, retired } = device;
    const hadCompany = this.aliveOn(worker.gpu) > 1;
    worker.pages.set(page, { sinceMs, period, retired, hadCompany, isFirst: !worker.hasBegun });
    worker.hasBegun = true;
  }

  #done(slot: SlotId, page: PageId, atMs: number): News | undefined {
    const taken = this.#take(slot, page);
    if (!taken) return undefined;
    const { gpu, sinceMs, isFirst, period } = taken;
    if (isFirst || period !== this.#devices.get(gpu)?.period) return undefined;
    return { by: 'page', gpu, slot, page, workers: this.readyOn(gpu), seconds: (atMs - sinceMs) / 1000 };
  }

  #failed(slot: SlotId, page: PageId, reason: string | undefined): News | undefined {
    const taken = this.#take(slot, page);
    const lostOn = this.#lost.get(page);
    this.#lost.delete(page);
    if (reason === 'busy') return { by: 'refused' };
    if (reason !== 'oom') return undefined;
    if (lostOn !== undefined) return { by: 'short', gpu: lostOn };
    return taken && this.#isCrowded(taken.gpu, taken) ? { by: 'short', gpu: taken.gpu } : undefined;
  }

  #exited(slot: SlotId): News | undefined {
    const worker = this.#workers.get(slot);
    this.#workers.delete(slot);
    if (!worker) return undefined;
    for (const [page, started] of worker.pages) {
      if (this.#isCrowded(worker.gpu, started)) this.#lost.set(page, worker.gpu);
    }
    this.#changed(worker.gpu);
    return worker.isReady || this.readyOn(worker.gpu) === 0 ? undefined : { by: 'no-start', slot };
  }

  /** True for a page beside other workers, where none of these was retired since it was started. */
  #isCrowded(gpu: Gpu, { hadCompany, retired }: StartedPage): boolean {
    return hadCompany && retired === this.#devices.get(gpu)?.retired;
  }

  #take(slot: SlotId, page: PageId): (StartedPage & { readonly gpu: Gpu }) | undefined {
    const worker = this.#workers.get(slot);
    const started = worker?.pages.get(page);
    if (!worker || !started) return undefined;
    worker.pages.delete(page);
    return { ...started, gpu: worker.gpu };
  }

  #holds(slot: SlotId, bytes: number): void {
    const device = this.#devices.get(this.#workers.get(slot)?.gpu ?? null);
    if (device) device.peak = Math.max(device.peak ?? 0, bytes);
  }

  #retired(gpu: Gpu | undefined): void {
    const device = gpu === undefined ? undefined : this.#devices.get(gpu);
    if (!device) return;
    device.period += 1;
    device.retired += 1;
  }

  #changed(gpu: Gpu): void {
    const device = this.#devices.get(gpu);
    if (device) device.period += 1;
  }
}
