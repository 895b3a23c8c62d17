import { slotOn } from '../../devices/slots.ts';
import type { PageId } from '../../model/page.ts';
import { gpuName, type SlotId } from '../../model/slot.ts';
import { gpuOf, type PackedDevice, type PackingStep, tellOf, withoutYoungest } from './packed-device.ts';
import { gainOf, PageSample } from './page-sample.ts';

type Gpu = number | null;

/** More pages a second than this are worth another worker. */
const LEAST_GAIN = 0.04;
/** Sharing a card costs no more than this: what was slower was so for another reason, and the worker is tried once more. */
const WORST_GAIN = -0.1;
/** A gain is clear where it is so many standard errors from the least one. */
const CLEAR = 1.5;

type State =
  /** Pages are timed; `after`: those that were timed with one worker more, where both have a second half because of them. */
  | { readonly by: 'measuring'; readonly sample: PageSample; readonly after?: PageSample | undefined }
  /** The youngest workers load; `before`: pages without them. */
  | Joining
  /** The youngest workers are on trial. */
  | Trial
  | { readonly by: 'settled' };

interface Joining {
  readonly by: 'joining';
  readonly before: PageSample;
  readonly after?: PageSample | undefined;
  readonly waitsFor: Set<SlotId>;
}

interface Trial {
  readonly by: 'trial';
  readonly before: PageSample;
  readonly sample: PageSample;
  readonly isSecondHalf: boolean;
}

/** What the pages timed so far say of the workers on trial. */
interface Verdict {
  readonly gain: number;
  readonly isKept: boolean;
  /** False where it may be chance. */
  readonly isClear: boolean;
}

/** Devices of one model, which get the same number of workers as long as nothing tells them apart. */
export class PackedModel {
  devices: readonly PackedDevice[];
  readonly #costOf: (page: PageId) => number;
  #state: State;
  /** How fast a device is with the workers that are proven, compared with one worker. */
  #times = 1;
  #hasDoubted = false;
  #pagesASecond: number | undefined;

  constructor(devices: readonly PackedDevice[], costOf: (page: PageId) => number) {
    this.devices = devices;
    this.#costOf = costOf;
    this.#state = { by: 'measuring', sample: new PageSample(this.workers, costOf) };
  }

  /** Workers on each device. */
  get workers(): number {
    return Math.min(...this.devices.map(({ slots }) => slots.length));
  }

  get isSettled(): boolean {
    return this.#state.by === 'settled';
  }

  /** `each Tesla T4`, `gpu0`, `the CPU`. */
  get name(): string {
    const [device] = this.devices;
    if (!device?.gpu) return 'the CPU';
    return this.devices.length > 1 ? `each ${device.gpu.name ?? 'GPU'}` : gpuName(device.gpu.index);
  }

  /** Pages that a device does a second, by what was measured last; undefined before that. */
  get pagesASecond(): number | undefined {
    const state = this.#state;
    const now = state.by === 'measuring' ? this.#speedIn(state.sample) : 0;
    return now > 0 ? now : this.#pagesASecond;
  }

  /** A page was done beside so many workers. */
  timed(page: { gpu: Gpu; slot: SlotId; page: PageId; workers: number; seconds: number }): void {
    const state = this.#state;
    if (state.by !== 'measuring' && state.by !== 'trial') return;
    if (page.workers === state.sample.workers) state.sample.add(page.gpu, page.slot, page);
  }

  /** A worker has loaded. */
  ready(slot: SlotId): void {
    const state = this.#state;
    if (state.by !== 'joining' || !state.waitsFor.delete(slot) || state.waitsFor.size > 0) return;
    const { before, after } = state;
    const sample = after ?? new PageSample(before.workers + 1, this.#costOf);
    this.#state = { by: 'trial', before, sample, isSecondHalf: after !== undefined };
  }

  /** True where the pages timed so far decide on what is on trial. */
  get isJudged(): boolean {
    const state = this.#state;
    return state.by === 'trial' && this.#verdict(state) !== undefined;
  }

  /** Keeps the workers on trial, or retires them: where they bring nothing, and until the second half where that may be chance. */
  judge(): PackingStep[] {
    const state = this.#state;
    if (state.by !== 'trial') return [];
    const verdict = this.#verdict(state);
    if (!verdict) return [];
    this.#measured(state.sample);
    const { gain, isKept, isClear } = verdict;
    const worker = `${nth(this.workers)} worker`;
    const why = isKept
      ? `${worker} made it ${Math.round(gain * 100)} % faster`
      : `${worker} made it no faster (${percent(gain)})`;
    if (gain < WORST_GAIN) return this.#tryAnew(why);
    if (!isClear && !state.isSecondHalf) return this.#halve(state, why);
    if (!isKept) return this.settle(why);
    // Pages that happened to be short don't make workers faster than they can be together.
    this.#times = Math.min(this.workers, this.#times * (1 + gain));
    this.#state = { by: 'measuring', sample: state.sample };
    return this.#tell(why);
  }

  /** The devices that may get another worker now, as enough of their pages were timed; none where too little is known. */
  get candidates(): readonly PackedDevice[] {
    const state = this.#state;
    if (state.by !== 'measuring') return [];
    const { sample, after } = state;
    if (after) return this.devices.every((device) => sample.isFull(gpuOf(device))) ? this.devices : [];
    const ready = this.devices.filter((device) => sample.hasEnough(gpuOf(device)));
    const isLate = ready.length < this.devices.length && ready.some((device) => sample.isFull(gpuOf(device)));
    return ready.length === this.devices.length || isLate ? ready : [];
  }

  /** A device more. False where workers are on trial, or have been: it goes its own way then. */
  join(device: PackedDevice): boolean {
    const state = this.#state;
    if (state.by !== 'measuring' || this.workers !== device.slots.length) return false;
    this.devices = [...this.devices, device];
    return true;
  }

  /** Another worker on every device. */
  add(): PackingStep[] {
    const state = this.#state;
    if (state.by !== 'measuring') return [];
    this.#measured(state.sample);
    const why = `trying ${nth(this.workers + 1)} worker on ${this.name}`;
    const steps: PackingStep[] = this.devices.map((device) => {
      const slot = slotOn(device.gpu, device.place);
      device.place += 1;
      device.slots = [...device.slots, slot];
      return { by: 'add', slot, why };
    });
    const waitsFor = new Set(steps.flatMap((step) => (step.by === 'add' ? step.slot.id : [])));
    this.#state = { by: 'joining', before: state.sample, after: state.after, waitsFor };
    return steps;
  }

  /** These devices go their own way from here on; the others are left here. Undefined where that would be none. */
  split(devices: readonly PackedDevice[]): { readonly out: PackedModel; readonly rest: PackedModel } {
    const [out, rest] = [devices, this.devices.filter((device) => !devices.includes(device))].map((some) => {
      const model = new PackedModel(some, this.#costOf);
      model.#state = this.#state;
      model.#times = this.#times;
      model.#hasDoubted = this.#hasDoubted;
      model.#pagesASecond = this.#pagesASecond;
      return model;
    }) as [PackedModel, PackedModel];
    return { out, rest };
  }

  /** No more workers are added, for a reason. Of these devices, and of all where workers are on trial, the youngest worker goes. */
  settle(why: string, less: readonly PackedDevice[] = []): PackingStep[] {
    const state = this.#state;
    const isTrial = state.by === 'joining' || state.by === 'trial';
    if (state.by === 'measuring') this.#measured(state.sample);
    const wasSettled = this.isSettled;
    this.#state = { by: 'settled' };
    const lowered = (isTrial ? this.devices : less).filter(({ slots }) => slots.length > 1);
    const steps = withoutYoungest(lowered, why);
    const told = wasSettled ? lowered : this.devices;
    // With a worker less than was measured, nobody knows how fast a device is.
    const known = told.filter((device) => isTrial || !lowered.includes(device));
    const unknown = told.filter((device) => !known.includes(device));
    return [...steps, ...tellOf(known, why, this.#times), ...tellOf(unknown, why, undefined)];
  }

  /** The youngest worker goes. Pages are timed without it and then with it, and count together with those of the first half. */
  #halve({ before, sample }: Trial, why: string): PackingStep[] {
    const gpus = this.devices.map(gpuOf);
    for (const half of [before, sample]) half.nextHalf(gpus);
    this.#state = { by: 'measuring', sample: before, after: sample };
    return this.#lowerForNow(`${why}, which may be chance`);
  }

  /** The youngest worker goes, and all is measured anew; the second time that is the end of it. */
  #tryAnew(why: string): PackingStep[] {
    if (this.#hasDoubted) return this.settle(why);
    this.#hasDoubted = true;
    this.#state = { by: 'measuring', sample: new PageSample(this.workers - 1, this.#costOf) };
    return this.#lowerForNow(why);
  }

  #lowerForNow(why: string): PackingStep[] {
    return [...withoutYoungest(this.devices, why), ...this.#tell(`${why}: it is tried once more`)];
  }

  /** The slot was taken out by somebody else. */
  lost(slot: SlotId): void {
    for (const device of this.devices) device.slots = device.slots.filter(({ id }) => id !== slot);
    if (this.#state.by === 'joining') this.#state.waitsFor.delete(slot);
  }

  #verdict({ sample, before }: Trial): Verdict | undefined {
    const gpus = this.devices.map(gpuOf);
    if (!gpus.every((gpu) => sample.hasEnough(gpu))) return undefined;
    const { gain, error } = gainOf(before, sample, gpus);
    const isClear = Math.abs(gain - LEAST_GAIN) > CLEAR * error;
    if (!isClear && !gpus.every((gpu) => sample.isFull(gpu))) return undefined;
    return { gain, isKept: gain > LEAST_GAIN, isClear };
  }

  #measured(sample: PageSample): void {
    const speed = this.#speedIn(sample);
    if (speed > 0) this.#pagesASecond = speed;
  }

  #speedIn(sample: PageSample): number {
    return sample.pagesASecond(this.devices.map(gpuOf)) / this.devices.length;
  }

  #tell(why: string): PackingStep[] {
    return tellOf(this.devices, why, this.#times);
  }
}

/** `a second`, `a third`, `a 4th`. */
const nth = (place: number): string =>
  `a ${['', 'first', 'second', 'third'][place] ?? `${place}th`}`.replace(/^a (8|11|18)/, 'an $1');

const percent = (share: number): string => `${share < 0 ? '−' : '+'}${Math.abs(Math.round(share * 100))} %`;
