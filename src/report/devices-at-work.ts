import type { RunEvent, SlotDevice } from '../model/events.ts';
import { gpuName, type SlotId } from '../model/slot.ts';
import type { SlotState } from './progress.ts';
import { SlotGpus } from './slot-gpus.ts';

/** Figures that came longer ago say nothing of now: their tool has failed. */
const FIGURES_MS = 60_000;
/** Between two pages a slot has none for some milliseconds: a line that said so would flicker. */
const BETWEEN_PAGES_MS = 1000;

/** What the workers of a device are at, all together. */
interface Work {
  readonly doing: 'page' | 'loading' | 'waiting' | 'disabled';
  /** The page that has been at work for longest, or ended last; why the device is disabled. */
  readonly text?: string;
  readonly stage?: string;
  /** When that began, in milliseconds since 1970. */
  readonly sinceMs?: number;
}

/** What is known of a device, for its line on the terminal. */
export interface DeviceRow extends Work {
  /** `gpu0`, `node1 gpu5`, `cpu`. */
  readonly label: string;
  readonly model?: string;
  /** 0 to 1. */
  readonly use?: number;
  readonly memory?: { readonly usedBytes: number; readonly totalBytes: number };
  /** Slots that take pages, and those that have one still. */
  readonly workers: number;
  /** How fast its workers are together, compared with one. */
  readonly times?: number;
}

type Device = Omit<SlotDevice, 'slot'>;
type Card = Pick<(RunEvent & { readonly type: 'run-started' })['gpus'][number], 'name' | 'memoryTotalBytes'>;

/** The devices of a run and what is known of each, from its events: a row's worth, whatever the number of pages. */
export class DevicesAtWork {
  /** In the order in which they came. */
  readonly #devices = new Map<Device['device'], Device>();
  readonly #deviceOf = new Map<SlotId, Device>();
  readonly #times = new Map<Device['device'], number | undefined>();
  readonly #cards = new Map<number, Card>();
  readonly #sampled = new Map<
    number,
    { readonly use: number; readonly usedBytes: number; readonly atMs: number }
  >();
  readonly #disabled = new Map<number | null, string>();
  /** For slots whose device nobody has told. */
  readonly #gpus = new SlotGpus();

  add(event: RunEvent): void {
    switch (event.type) {
      case 'run-started':
        for (const card of event.gpus) this.#cards.set(card.index, card);
        for (const slotDevice of event.slotDevices ?? []) this.#joined(slotDevice);
        break;
      case 'slot-joined':
        this.#joined(event);
        this.#disabled.delete(event.gpu);
        if (event.gpu !== null)
          this.#cards.set(event.gpu, { ...this.#cards.get(event.gpu), ...cardIn(event) });
        break;
      case 'worker-started':
        this.#gpus.add(event);
        break;
      case 'packing-changed':
        this.#times.set(event.device, event.times);
        break;
      case 'gpu-benched':
        this.#disabled.set(event.gpu, event.reason);
        break;
      case 'gpu-sampled':
        this.#sampled.set(event.gpu, {
          use: event.utilisation,
          usedBytes: event.memoryUsedBytes,
          atMs: Date.parse(event.time),
        });
        break;
    }
  }

  /** A row for each device that has one of these slots, or is disabled. */
  rows(slots: ReadonlyMap<SlotId, SlotState>, nowMs: number): DeviceRow[] {
    const states = new Map<Device, SlotState[]>();
    for (const [slot, state] of slots) {
      const device = this.#deviceOf.get(slot) ?? this.#guessed(slot);
      const own = states.get(device);
      if (own) own.push(state);
      else states.set(device, [state]);
    }
    return [...this.#devices.values()]
      .filter((device) => states.has(device) || this.#disabled.has(device.gpu))
      .map((device) => this.#row(device, states.get(device) ?? [], nowMs));
  }

  #row({ device, gpu, node }: Device, states: readonly SlotState[], nowMs: number): DeviceRow {
    const times = this.#times.get(device);
    const reason = this.#disabled.get(gpu);
    const work = workOf(states, nowMs);
    return {
      label: node === undefined ? gpuName(gpu) : `${node} ${gpuName(gpu)}`,
      ...(gpu !== null && this.#figures(gpu, nowMs)),
      workers: states.length,
      ...(times !== undefined && { times }),
      ...(reason === undefined || work.doing === 'page' ? work : { doing: 'disabled', text: reason }),
    };
  }

  #figures(gpu: number, nowMs: number): Pick<DeviceRow, 'model' | 'use' | 'memory'> {
    const { name: model, memoryTotalBytes: totalBytes } = this.#cards.get(gpu) ?? {};
    const sampled = this.#sampled.get(gpu);
    const known = model === undefined ? {} : { model };
    if (!sampled || nowMs - sampled.atMs > FIGURES_MS) return known;
    const { use, usedBytes } = sampled;
    return { ...known, use, ...(totalBytes && { memory: { usedBytes, totalBytes } }) };
  }

  #joined({ slot, device, gpu, node }: SlotDevice): Device {
    const known = this.#devices.get(device) ?? { device, gpu, ...(node !== undefined && { node }) };
    this.#devices.set(device, known);
    this.#deviceOf.set(slot, known);
    return known;
  }

  #guessed(slot: SlotId): Device {
    const gpu = this.#gpus.of(slot);
    return this.#joined({ slot, device: gpuName(gpu), gpu });
  }
}

/** The card of a cluster that has joined, as far as that tells. */
const cardIn = ({ gpuName: name, memoryTotalBytes }: RunEvent & { readonly type: 'slot-joined' }): Card => ({
  ...(name !== undefined && { name }),
  ...(memoryTotalBytes !== undefined && { memoryTotalBytes }),
});

function workOf(states: readonly SlotState[], nowMs: number): Work {
  const first = (doing: SlotState['doing']): SlotState | undefined =>
    states
      .filter((state) => state.doing === doing)
      .reduce<SlotState | undefined>(
        (one, other) => (one && one.sinceMs <= other.sinceMs ? one : other),
        undefined,
      );
  const page = first('page');
  if (page?.page !== undefined) {
    const { page: text, stage, sinceMs } = page;
    return { doing: 'page', text, sinceMs, ...(stage !== undefined && { stage }) };
  }
  const ended = states.findLast(({ page, sinceMs }) => page && nowMs - sinceMs < BETWEEN_PAGES_MS);
  if (ended?.page !== undefined) return { doing: 'page', text: ended.page };
  const loading = first('loading');
  return loading ? { doing: 'loading', sinceMs: loading.sinceMs } : { doing: 'waiting' };
}
