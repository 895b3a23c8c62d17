import type { Happening } from '../../model/events.ts';
import type { PageId } from '../../model/page.ts';
import { gpuIndexOf, type Slot, type SlotId } from '../../model/slot.ts';
import { plural } from '../../report/format.ts';
import type { MachineUse } from '../../workers/hosts/host.ts';
import { gpuOf, type PackedDevice, PackedModel, type PackingStep } from './packed-model.ts';
import { cardTrouble, type DeviceMemory, isWorthLoading, mainTrouble, processorTrouble } from './room.ts';
import { type News, WorkerBook } from './worker-book.ts';

/** More workers than these on a device are never tried. */
const MOST_ON_DEVICE = 16;

/** What the machine and the queue have to offer when another worker is thought of. */
export interface Resources {
  /** Memory of a card now; undefined where nothing tells. */
  readonly memoryOf: (gpu: number | null) => DeviceMemory | undefined;
  /** Main memory that is free, and the most that one worker was seen to hold, in bytes. */
  readonly mainFree: number | undefined;
  readonly mainPeak: number | undefined;
  /** Cores that they may keep busy; undefined where nobody knows. */
  readonly cores: number | undefined;
  /** Cores that all workers together kept busy lately. */
  readonly coresUsed: number | undefined;
  /** What each machine has where there are several, by the `node` of its GPUs; their workers share nothing else. */
  readonly machines?: ReadonlyMap<string, MachineUse>;
  /** So many more workers can be started before the launcher may open no more files. */
  readonly moreWorkers: number;
  /** Pages that nobody has taken, and whether more may be found. */
  readonly pagesLeft: number;
  readonly mayBeMore: boolean;
  /** Groups that nobody has taken, where pages go in groups. */
  readonly groupsLeft: number | undefined;
}

/**
 * How many workers share a device: one at first, one more as long as there is room for it and it makes the pages come faster.
 * Pure: it hears the events of a run, and says what is to be done.
 */
export class PackingPolicy {
  readonly #book: WorkerBook;
  readonly #costOf: (page: PageId) => number;
  #models: PackedModel[];
  /** What was decided while an event was heard. */
  #steps: PackingStep[] = [];
  #wasRefused = false;

  /** @param costOf predicted cost of a page, in any unit that is the same for all */
  constructor(slots: readonly Slot[], costOf: (page: PageId) => number) {
    this.#book = new WorkerBook(slots);
    this.#costOf = costOf;
    const byModel = new Map<string, Map<number | null, PackedDevice>>();
    for (const slot of slots) {
      const { name = '', memoryTotalBytes = 0 } = slot.gpu ?? {};
      const model = byModel.get(`${memoryTotalBytes} ${name}`) ?? new Map<number | null, PackedDevice>();
      byModel.set(`${memoryTotalBytes} ${name}`, model);
      const device = model.get(gpuIndexOf(slot));
      if (!device) model.set(gpuIndexOf(slot), { gpu: slot.gpu, slots: [slot], place: 1 });
      else {
        device.slots = [...device.slots, slot];
        device.place += 1;
      }
    }
    this.#models = [...byModel.values()].map((devices) => new PackedModel([...devices.values()], costOf));
  }

  /** The first slot of a device that came while the run goes on: `place`: of its next slot. It is packed with others of its model as long as no worker of theirs is on trial. */
  joined(slot: Slot, place: number): void {
    this.#book.join(slot);
    const device: PackedDevice = { gpu: slot.gpu, slots: [slot], place };
    const isAlike = (model: PackedModel): boolean => model.devices[0]?.gpu?.name === slot.gpu?.name;
    if (this.#models.some((model) => isAlike(model) && model.join(device))) return;
    this.#models = [...this.#models, new PackedModel([device], this.#costOf)];
  }

  /** Takes an event in, at a time in milliseconds of any steady clock; true where it may lead to something. */
  hear(event: Happening, atMs: number): boolean {
    const news = this.#book.hear(event, atMs);
    if (news) this.#act(news);
    return news !== undefined;
  }

  /** True where `decide` has something to say. */
  get isDue(): boolean {
    return this.#steps.length > 0 || this.#models.some((model) => model.isJudged) || this.wantsResources;
  }

  /** True where a decision needs to know what there is room for. */
  get wantsResources(): boolean {
    return this.#models.some((model) => model.candidates.length > 0);
  }

  /** Workers that are there. */
  get workers(): number {
    return this.#book.alive;
  }

  /** What is to be done now. Without resources no worker is added. */
  decide(resources?: Resources): PackingStep[] {
    const steps = this.#steps;
    this.#steps = [];
    for (const model of this.#models) steps.push(...model.judge());
    if (resources) for (const model of [...this.#models]) steps.push(...this.#addTo(model, resources));
    return steps;
  }

  #act(news: News): void {
    switch (news.by) {
      case 'page':
        this.#modelOn(news.gpu)?.timed(news);
        return;
      case 'ready':
        this.#modelOf(news.slot)?.ready(news.slot);
        return;
      case 'short':
        this.#settle(this.#modelOn(news.gpu), 'a page ran out of memory beside other workers', news.gpu);
        return;
      case 'no-start':
        this.#notStarted(news.slot);
        return;
      case 'refused':
        if (this.#wasRefused) return;
        this.#wasRefused = true;
        for (const model of this.#models) {
          this.#steps.push(...model.settle('the service refused requests', model.devices));
        }
        return;
      case 'retired':
        this.#notStarted(news.slot);
        this.#retired(news.slot);
        return;
      case 'benched':
        this.#drop(news.gpu);
        return;
    }
  }

  /** One that was there from the start is no matter of packing. */
  #notStarted(slot: SlotId): void {
    const model = this.#modelOf(slot);
    const device = model?.devices.find(({ slots }) => slots.some(({ id }) => id === slot));
    if (!model || !device || device.slots[0]?.id === slot) return;
    this.#settle(model, `worker ${device.slots.length} did not start`, gpuOf(device));
  }

  /** A device without a slot is none. */
  #retired(slot: SlotId): void {
    const model = this.#modelOf(slot);
    const device = model?.devices.find(({ slots }) => slots.some(({ id }) => id === slot));
    model?.lost(slot);
    if (device?.slots.length === 0) this.#drop(gpuOf(device));
  }

  #settle(model: PackedModel | undefined, why: string, gpu: number | null): void {
    if (!model) return;
    const lower = model.devices.filter((device) => gpuOf(device) === gpu);
    this.#steps.push(...model.settle(why, lower));
  }

  #drop(gpu: number | null): void {
    this.#models = this.#models.flatMap((model) => {
      const gone = model.devices.filter((device) => gpuOf(device) === gpu);
      if (gone.length === 0) return [model];
      const { rest } = model.split(gone);
      return rest.devices.length > 0 ? [rest] : [];
    });
  }

  #addTo(model: PackedModel, resources: Resources): PackingStep[] {
    const { candidates } = model;
    if (candidates.length === 0) return [];
    const steps: PackingStep[] = [];
    const apart = this.#splitOff(model, candidates);
    const refused = new Map<string, PackedDevice[]>();
    const added: PackedDevice[] = [];
    for (const device of candidates) {
      const why = this.#whyNot(apart, device, { ...resources, added });
      if (why === undefined) added.push(device);
      else refused.set(why, [...(refused.get(why) ?? []), device]);
    }
    let going = apart;
    for (const [why, devices] of refused) {
      const split = going.split(devices);
      if (split.rest.devices.length === 0) return [...steps, ...going.settle(why)];
      this.#models = this.#models.flatMap((one) => (one === going ? [split.rest, split.out] : [one]));
      steps.push(...split.out.settle(why));
      going = split.rest;
    }
    return [...steps, ...going.add()];
  }

  /** Some devices may be ready for another worker while others still load their first. */
  #splitOff(model: PackedModel, devices: readonly PackedDevice[]): PackedModel {
    if (devices.length === model.devices.length) return model;
    const { out, rest } = model.split(devices);
    this.#models = this.#models.flatMap((one) => (one === model ? [out, rest] : [one]));
    return out;
  }

  #whyNot(
    model: PackedModel,
    device: PackedDevice,
    resources: Resources & { readonly added: readonly PackedDevice[] },
  ): string | undefined {
    const { added, moreWorkers, memoryOf } = resources;
    const more = added.length + 1;
    const gpu = gpuOf(device);
    if (device.slots.length >= MOST_ON_DEVICE) return 'that is the most';
    if (more > moreWorkers) return 'the limit of open files allows no more (ulimit -n)';
    if (!this.#isRepaid(model, { ...resources, more })) return 'too few pages are left';
    const card = memoryOf(gpu);
    if (card) this.#book.sampled(gpu, card.used);
    const trouble =
      cardTrouble(card, this.#book.cardUse(gpu)) ?? this.#machineTrouble(device, { ...resources, more });
    return trouble === undefined ? undefined : `no room for another worker: ${trouble}`;
  }

  /** Why its machine has no room; `added` are the devices that get another worker before this one, which is number `more`. */
  #machineTrouble(
    { gpu }: PackedDevice,
    {
      added,
      more,
      machines,
      mainFree,
      mainPeak: workerPeak,
      coresUsed: used,
      cores,
    }: Resources & { readonly added: readonly PackedDevice[]; readonly more: number },
  ): string | undefined {
    const machine = gpu?.node === undefined ? undefined : machines?.get(gpu.node);
    if (machine === undefined) {
      const workers = this.#book.alive;
      return (
        mainTrouble(more, { free: mainFree, workerPeak }) ?? processorTrouble(more, { workers, used, cores })
      );
    }
    const isThere = (device: PackedDevice): boolean => device.gpu?.node === gpu?.node;
    const moreThere = added.filter(isThere).length + 1;
    const devices = this.#models.flatMap((model) => model.devices.filter(isThere));
    const workers = devices.reduce((sum, { slots }) => sum + slots.length, 0);
    if (workers + moreThere > machine.cores)
      return `its node has ${plural(machine.cores, 'core')}, and a worker for each`;
    return mainTrouble(moreThere, { free: machine.freeBytes, workerPeak });
  }

  #isRepaid(
    model: PackedModel,
    {
      more,
      pagesLeft,
      groupsLeft,
      mayBeMore,
    }: Pick<Resources, 'pagesLeft' | 'groupsLeft' | 'mayBeMore'> & { readonly more: number },
  ): boolean {
    if (mayBeMore) return true;
    // A worker takes a whole group: there has to be one for each.
    if (groupsLeft !== undefined && groupsLeft < this.#book.alive + more) return false;
    const own = model.pagesASecond ?? 0;
    const rate = this.#models.reduce(
      (sum, other) => sum + (other === model ? own : (other.pagesASecond ?? own)) * other.devices.length,
      0,
    );
    return isWorthLoading({
      secondsLeft: pagesLeft / rate,
      loadSeconds: this.#book.loadSeconds,
      pageSeconds: 1 / own,
    });
  }

  #modelOn(gpu: number | null): PackedModel | undefined {
    return this.#models.find(({ devices }) => devices.some((device) => gpuOf(device) === gpu));
  }

  #modelOf(slot: SlotId): PackedModel | undefined {
    return this.#models.find(({ devices }) =>
      devices.some(({ slots }) => slots.some(({ id }) => id === slot)),
    );
  }
}
