import type { Happening } from '../../model/events.ts';
import type { PageId } from '../../model/page.ts';
import { gpuIndexOf, type Slot, type SlotId } from '../../model/slot.ts';
import { gpuOf, type PackedDevice, type PackingStep } from './packed-device.ts';
import { PackedModel } from './packed-model.ts';
import { type Resources, whyNoMore } from './resources.ts';
import { type News, WorkerBook } from './worker-book.ts';

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
      const why = whyNoMore(device, {
        ...resources,
        model: apart,
        models: this.#models,
        book: this.#book,
        added,
      });
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

  #modelOn(gpu: number | null): PackedModel | undefined {
    return this.#models.find(({ devices }) => devices.some((device) => gpuOf(device) === gpu));
  }

  #modelOf(slot: SlotId): PackedModel | undefined {
    return this.#models.find(({ devices }) =>
      devices.some(({ slots }) => slots.some(({ id }) => id === slot)),
    );
  }
}
