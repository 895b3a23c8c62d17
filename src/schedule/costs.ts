import type { PageId } from '../model/page.ts';
import { deviceModelOf, type Slot, type SlotId } from '../model/slot.ts';
import { type CostLine, costAt } from './cost-line.ts';
import { DeviceModel, type KnownCosts } from './device-model.ts';
import { SlotPace } from './slot-pace.ts';

export type { KnownCosts } from './device-model.ts';

/** A kind of device has a line of its own from so many pages on. */
const LEAST_PAGES = 5;
/** A slot's own pace counts as much as its kind of device after so many pages. */
const PAGES_TO_BELIEVE = 4;
/** Costs are counted anew where the share that any page costs has changed by this much. */
const NEWS = 0.1;

interface SlotKnown {
  readonly model: string;
  readonly pace: SlotPace;
  /** Its process has timed no page yet. */
  isFresh: boolean;
  /** Its last page was the first of its process. */
  wasFirst: boolean;
}

const newSlot = (model: string): SlotKnown => ({
  model,
  pace: new SlotPace(),
  isFresh: false,
  wasFirst: false,
});

/**
 * What pages cost, learned from the first one on: their seconds and bytes from their pixels, by the kind of device, and how
 * fast each slot is beside others of its kind. Until anything was timed, pages cost their megapixels.
 */
export class Costs {
  readonly #megapixels: Map<PageId, number>;
  readonly #models = new Map<string, DeviceModel>();
  readonly #slots = new Map<SlotId, SlotKnown>();
  #sumMegapixels: number;
  #areSized: boolean;
  #timed = 0;
  #renewAt = 4;
  /** What `of` counts by; it changes where that is told, so that sums of costs stay true. */
  #average = 1;
  #line: CostLine = { base: 0, perMegapixel: 1 };

  /** @param known what earlier runs have shown */
  constructor({ known, of }: { readonly known?: KnownCosts; readonly of?: Costs } = {}) {
    this.#megapixels = of ? of.#megapixels : new Map();
    this.#sumMegapixels = of ? of.#sumMegapixels : 0;
    this.#areSized = of ? of.#areSized : false;
    for (const [model, costs] of known ?? []) this.#models.set(model, new DeviceModel(costs));
    const slots = of ? of.#slots : [];
    for (const [slot, { model, pace }] of slots)
      this.#slots.set(slot, { ...newSlot(model), pace: pace.copy() });
    this.#renew({ isForced: true });
  }

  /** A slot takes pages from now on. */
  join(slot: Slot): void {
    if (!this.#slots.has(slot.id)) this.#slots.set(slot.id, newSlot(deviceModelOf(slot)));
  }

  /** A page's size is known. It counts for `of` once `allSized` was called. */
  sized(page: PageId, pixels: number): void {
    if (this.#megapixels.has(page)) return;
    this.#megapixels.set(page, pixels / 1e6);
    this.#sumMegapixels += pixels / 1e6;
  }

  /** Pages differ from now on; before, some cost their own size and others an average one, which don't compare. */
  allSized(): void {
    this.#areSized = true;
    this.#renew({ isForced: true });
  }

  /** A page's pixels; undefined where they are not known. */
  pixelsOf(page: PageId): number | undefined {
    const megapixels = this.#megapixels.get(page);
    return megapixels === undefined ? undefined : Math.round(megapixels * 1e6);
  }

  /** Megapixels of a page; of one whose size is not known those of an average one. */
  sizeOf(page: PageId): number {
    return this.#megapixels.get(page) ?? this.#averageSize;
  }

  /**
   * Predicted cost of a page, in a unit that is the same for all and changes only where `worked` says so, and with `allSized`.
   * One whose size is not known counts as an average one.
   */
  readonly of = (page: PageId): number =>
    costAt(this.#line, (this.#areSized ? this.#megapixels.get(page) : undefined) ?? this.#average);

  /** A page took so long on a slot. True where costs are counted anew since. */
  worked(slot: SlotId, page: PageId, seconds: number): boolean {
    if (!(seconds > 0)) return false;
    const known = this.#slotOf(slot);
    const { pace } = known;
    const model = this.#modelOf(known.model);
    const size = this.#megapixels.get(page);
    // Where each process has one page, every other one counts.
    const isFirst = known.isFresh && !known.wasFirst;
    known.isFresh = false;
    known.wasFirst = isFirst;
    if (isFirst) {
      model.firstSeconds.add(size, seconds);
      return false;
    }
    const { line } = model;
    model.seconds.add(size, seconds);
    const expected = line && costAt(line, size ?? this.#averageSize);
    pace.worked(page, { seconds, cost: this.of(page), expected });
    this.#timed += 1;
    if (this.#timed < this.#renewAt) return false;
    this.#renewAt *= 2;
    return this.#renew({ isForced: false });
  }

  /** A page took so much memory on a slot. */
  held(slot: SlotId, page: PageId, bytes: number): void {
    if (bytes > 0) this.#modelOf(this.#slotOf(slot).model).bytes.add(this.#megapixels.get(page), bytes);
  }

  /** A worker of the slot could take its first page so many seconds after its start. */
  loaded(slot: SlotId, seconds: number): void {
    const known = this.#slotOf(slot);
    known.isFresh = true;
    this.#modelOf(known.model).loaded(seconds);
  }

  /** False where seconds are known by size, and nobody has told the size of any page yet: what is predicted then is off by any factor. */
  get canPredict(): boolean {
    return this.#megapixels.size > 0 || [...this.#models.values()].every(({ isBySize }) => !isBySize);
  }

  /** Seconds of a load on the slot's kind of device, else on others; undefined where none was seen. */
  loadSecondsOn(slot: SlotId): number | undefined {
    const own = this.#models.get(this.#slotOf(slot).model)?.loads ?? [];
    const loads = own.length > 0 ? own : [...this.#models.values()].flatMap((model) => model.loads);
    return loads.length > 0 ? loads.reduce((sum, one) => sum + one, 0) / loads.length : undefined;
  }

  /** True where a page was timed on the slot, or on its kind of device. */
  knows(slot: SlotId): boolean {
    const { model, pace } = this.#slotOf(slot);
    return pace.speed !== undefined || (this.#models.get(model)?.timed ?? 0) > 0;
  }

  /** Cost per second of a slot; of one that has shown nothing yet that of its kind, else an average; 0 where none is known. */
  speedOf(slot: SlotId): number {
    const { model, pace } = this.#slotOf(slot);
    const own = pace.speed ?? this.#speedOfModel(model);
    if (own !== undefined) return own;
    const others = [...this.#slots.values()].flatMap(({ pace: other }) => other.speed ?? []);
    const known =
      others.length > 0 ? others : [...this.#models.keys()].flatMap((one) => this.#speedOfModel(one) ?? []);
    return known.length === 0 ? 0 : known.reduce((sum, speed) => sum + speed, 0) / known.length;
  }

  /** Predicted seconds of pages on a slot; undefined where nothing was timed. Good until the next page was timed. */
  secondsOn(slot: SlotId): ((page: PageId) => number) | undefined {
    const { model, pace } = this.#slotOf(slot);
    const line = this.#secondsLineOf(model);
    if (!line) return undefined;
    const mean = costAt(line, this.#averageSize) * PAGES_TO_BELIEVE;
    let [took, expected] = [mean, mean];
    for (const { page, seconds } of pace.timed) {
      took += seconds;
      expected += costAt(line, this.sizeOf(page));
    }
    const times = expected > 0 ? took / expected : 1;
    return (page) => costAt(line, this.sizeOf(page)) * times;
  }

  /** Pages that seconds are predicted from. */
  get timed(): number {
    return [...this.#models.values()].reduce((sum, model) => sum + model.timed, 0);
  }

  /** All that is known by now, as the next run may know it. */
  get known(): KnownCosts {
    return new Map([...this.#models].map(([name, { costs }]) => [name, costs]));
  }

  /** Costs for a simulation: as these are now, and what is played there is not learned here. */
  copy(): Costs {
    return new Costs({ known: this.known, of: this });
  }

  /** Counts costs by what is known now. True where that makes a difference. */
  #renew({ isForced }: { readonly isForced: boolean }): boolean {
    const average = this.#averageSize;
    const line = this.#mainLine ?? this.#line;
    const baseShare = (one: CostLine): number => one.base / (costAt(one, average) || 1);
    if (!isForced && Math.abs(baseShare(line) - baseShare(this.#line)) < NEWS) return false;
    this.#average = average;
    this.#line = line;
    for (const { pace } of this.#slots.values()) pace.renew(this.of);
    return true;
  }

  get #averageSize(): number {
    return this.#megapixels.size > 0 ? this.#sumMegapixels / this.#megapixels.size : 1;
  }

  #slotOf(slot: SlotId): SlotKnown {
    const known = this.#slots.get(slot) ?? newSlot('');
    this.#slots.set(slot, known);
    return known;
  }

  #modelOf(name: string): DeviceModel {
    const known = this.#models.get(name) ?? new DeviceModel();
    this.#models.set(name, known);
    return known;
  }

  /** Of the kind of device that most is known of. */
  get #mainLine(): CostLine | undefined {
    const known = [...this.#models.values()].filter(({ line }) => line !== undefined);
    return known.sort((a, b) => b.seconds.count - a.seconds.count)[0]?.line;
  }

  /** Seconds by pixels on a kind of device, else on the one that most is known of. */
  #secondsLineOf(name: string): CostLine | undefined {
    const own = this.#models.get(name);
    return own && own.seconds.count >= LEAST_PAGES ? own.line : (this.#mainLine ?? own?.line);
  }

  /** Cost per second of a kind of device; undefined where nothing was timed on it. */
  #speedOfModel(name: string): number | undefined {
    const line = this.#models.get(name)?.line;
    const seconds = line && costAt(line, this.#averageSize);
    return seconds ? costAt(this.#line, this.#averageSize) / seconds : undefined;
  }
}
