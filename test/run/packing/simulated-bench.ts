import type { Happening } from '../../../src/model/events.ts';
import { gpuIndexOf, type Slot, type SlotId } from '../../../src/model/slot.ts';
import type { PackingStep } from '../../../src/run/packing/packed-device.ts';
import { PackingPolicy } from '../../../src/run/packing/packing-policy.ts';

const GB = 1e9;
const WORKER_BYTES = 3 * GB;

/** A card of the bench, or the CPU. */
export interface SimulatedCard {
  readonly name: string;
  /** How many workers its memory holds. */
  readonly holds: number;
  /** How much longer a page takes than on others; 1 where missing. */
  readonly slower?: number;
  /** Nothing starts before this second. */
  readonly readyAt?: number;
}

/** A run over cards on which workers take turns. */
export interface BenchRun {
  readonly cards?: readonly SimulatedCard[];
  readonly pages?: number;
  /** A number, or what the policy finds. */
  readonly workers: number | 'auto';
  /** Of a page's time, as much is spent on the card, which one worker has at a time. */
  readonly share?: number;
  readonly loadSeconds?: number;
  /** Pages differ by so much from one second. */
  readonly noise?: number;
  /** The first page of a process takes so many times as long. */
  readonly firstPage?: number;
  /** nvidia-smi says what is used. */
  readonly tellsMemory?: boolean;
  /** A service refuses pages from this one on, some of them. */
  readonly refusesFrom?: number;
  /** Pages with a whole number of these take four times the memory: they find none beside other workers. */
  readonly hungryEvery?: number;
  /** Between these seconds everything takes five times as long. */
  readonly disturbed?: readonly [from: number, to: number];
  readonly cores?: number;
  /** Cores that a worker keeps busy while it is not on the card. */
  readonly coresAWorker?: number;
  readonly mainFreeWorkers?: number;
  readonly groupsLeft?: number;
  readonly seed?: number;
}

/** What came of it. */
export interface BenchResult {
  readonly seconds: number;
  /** Workers of each card at the end, and the most that it had. */
  readonly workers: readonly number[];
  readonly most: readonly number[];
  readonly added: number;
  readonly addedAfterRefusal: number;
  /** Pages that found no memory, and workers that did not start. */
  readonly short: number;
  readonly notStarted: number;
  readonly told: readonly Extract<PackingStep, { by: 'tell' }>[];
}

/** The same numbers for the same seed. */
function dice(seed: number): () => number {
  let state = (seed * 2654435761) >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

interface Worker {
  readonly slot: Slot;
  readonly card: Card;
  pages: number;
}

interface Card extends SimulatedCard {
  readonly index: number;
  readonly wanted: Set<SlotId>;
  readonly alive: Set<SlotId>;
  /** When the card is free. */
  busyUntil: number;
  /** When the next worker may load. */
  loadsFrom: number;
}

/** A whole run on a clock of its own. */
export function bench(run: BenchRun): BenchResult {
  return new Bench(run).go();
}

class Bench {
  readonly #run: Required<Omit<BenchRun, 'groupsLeft' | 'cards'>> & Pick<BenchRun, 'groupsLeft'>;
  readonly #cards: readonly Card[];
  readonly #policy: PackingPolicy | undefined;
  readonly #random: () => number;
  readonly #due: { at: number; act: () => void }[] = [];
  #now = 0;
  #left: number;
  #done = 0;
  #lastDone = 0;
  #refused = false;
  #waitsUntil = 0;
  readonly #result = { added: 0, addedAfterRefusal: 0, short: 0, notStarted: 0 };
  readonly #most = new Map<Card, number>();
  readonly #told: Extract<PackingStep, { by: 'tell' }>[] = [];

  constructor({ cards = TWO_CARDS, ...run }: BenchRun) {
    this.#run = { ...DEFAULTS, ...run };
    this.#random = dice(this.#run.seed + 1);
    this.#left = this.#run.pages;
    this.#cards = cards.map((card, index) => ({
      ...card,
      index,
      wanted: new Set(),
      alive: new Set(),
      busyUntil: 0,
      loadsFrom: card.readyAt ?? 0,
    }));
    const { workers } = this.#run;
    const slots = this.#cards.flatMap((card) =>
      Array.from({ length: workers === 'auto' ? 1 : workers }, (_, at) => this.#slot(card, at)),
    );
    this.#policy = workers === 'auto' ? new PackingPolicy(slots, () => 1) : undefined;
    for (const slot of slots) this.#join(slot);
  }

  go(): BenchResult {
    while (this.#done < this.#run.pages) {
      const next = this.#due.shift();
      if (!next) throw new Error(`everybody waits after ${this.#done} pages`);
      this.#now = next.at;
      next.act();
      this.#decide();
    }
    return {
      ...this.#result,
      seconds: this.#lastDone,
      workers: this.#cards.map(({ wanted }) => wanted.size),
      most: this.#cards.map((card) => this.#most.get(card) ?? 0),
      told: this.#told,
    };
  }

  #slot(card: Card, place: number): Slot {
    const memory = { memoryTotalBytes: this.#total(card), memoryFreeBytes: this.#total(card) };
    const { index, name } = card;
    if (name === 'cpu') return { id: `cpu-${place}`, gpu: null };
    return {
      id: `gpu${index}-${place}`,
      gpu: { index, name, vendor: 'nvidia', visibleAs: `${index}`, ...memory },
    };
  }

  #total = ({ holds }: SimulatedCard): number => (holds + 0.5) * WORKER_BYTES;

  #decide(): void {
    const policy = this.#policy;
    if (!policy?.isDue) return;
    const alive = this.#cards.reduce((sum, card) => sum + card.alive.size, 0);
    const { tellsMemory, cores, coresAWorker, mainFreeWorkers, groupsLeft } = this.#run;
    const steps = policy.decide({
      memoryOf: (gpu) => {
        const card = this.#cards[gpu ?? -1];
        if (!tellsMemory || !card) return undefined;
        return { total: this.#total(card), used: card.alive.size * WORKER_BYTES };
      },
      mainFree: (mainFreeWorkers - alive) * WORKER_BYTES,
      mainPeak: WORKER_BYTES,
      cores,
      coresUsed: alive * coresAWorker,
      moreWorkers: 100,
      pagesLeft: this.#left,
      mayBeMore: false,
      groupsLeft,
    });
    for (const step of steps) this.#carryOut(step);
  }

  #carryOut(step: PackingStep): void {
    switch (step.by) {
      case 'add':
        this.#result.added += 1;
        if (this.#refused) this.#result.addedAfterRefusal += 1;
        this.#join(step.slot);
        return;
      case 'retire':
        this.#cardOf(step.slot).wanted.delete(step.slot.id);
        this.#tell({ type: 'slot-retired', slot: step.slot.id, why: step.why });
        return;
      case 'tell':
        this.#told.push(step);
    }
  }

  #join(slot: Slot): void {
    const card = this.#cardOf(slot);
    card.wanted.add(slot.id);
    this.#most.set(card, Math.max(this.#most.get(card) ?? 0, card.wanted.size));
    const from = Math.max(this.#now, card.loadsFrom);
    card.loadsFrom = from + this.#run.loadSeconds;
    this.#at(from, () => this.#load(slot, card));
  }

  #load(slot: Slot, card: Card): void {
    this.#tell({ type: 'worker-started', slot: slot.id, gpu: gpuIndexOf(slot), pid: 1 });
    card.alive.add(slot.id);
    const { loadSeconds } = this.#run;
    this.#at(this.#now + loadSeconds, () => {
      if (card.alive.size > card.holds) {
        this.#result.notStarted += 1;
        this.#leave(slot, card);
        card.wanted.delete(slot.id);
        return;
      }
      this.#tell({ type: 'worker-ready', slot: slot.id, loadSeconds });
      this.#next({ slot, card, pages: 0 });
    });
  }

  #leave(slot: Slot, card: Card): void {
    card.alive.delete(slot.id);
    this.#tell({ type: 'worker-exited', slot: slot.id, exitCode: 1, signal: null, pages: 0 });
  }

  #next(worker: Worker): void {
    const { slot, card } = worker;
    if (!card.wanted.has(slot.id) || this.#left === 0) {
      this.#leave(slot, card);
      return;
    }
    if (this.#now < this.#waitsUntil) {
      this.#at(this.#waitsUntil, () => this.#next(worker));
      return;
    }
    const page = `${this.#run.pages - this.#left}.png`;
    this.#left -= 1;
    worker.pages += 1;
    const { share, noise, firstPage, refusesFrom, hungryEvery } = this.#run;
    const times = worker.pages === 1 ? firstPage : 1;
    const [from, to] = this.#run.disturbed;
    const slower = (card.slower ?? 1) * (this.#now >= from && this.#now < to ? 5 : 1);
    const seconds = (1 + noise * (2 * this.#random() - 1)) * times * slower;
    this.#tell({ type: 'page-started', page, slot: slot.id, attempt: 1 });
    const isRefused = this.#done >= refusesFrom && this.#random() < 0.3;
    const isShort = Number.parseInt(page, 10) % hungryEvery === hungryEvery - 1 && card.alive.size > 1;
    if (isRefused || isShort) {
      this.#at(this.#now + 0.1, () => this.#comesBack(worker, page, isRefused ? 'busy' : 'oom'));
      return;
    }
    const offCard = seconds * (1 - share);
    this.#at(this.#now + offCard, () => {
      card.busyUntil = Math.max(this.#now, card.busyUntil) + seconds * share;
      this.#at(card.busyUntil, () => this.#end(worker, page));
    });
  }

  #comesBack(worker: Worker, page: string, reason: 'busy' | 'oom'): void {
    const { slot } = worker;
    this.#left += 1;
    if (reason === 'busy') this.#refused = true;
    else this.#result.short += 1;
    this.#tell({ type: 'page-retried', page, slot: slot.id, attempt: 1, reason, message: '' });
    if (reason === 'busy') {
      this.#waitsUntil = this.#now + 2;
      this.#tell({ type: 'service-waiting', seconds: 2, message: '429' });
    }
    this.#next(worker);
  }

  #end(worker: Worker, page: string): void {
    const { slot } = worker;
    this.#done += 1;
    this.#lastDone = this.#now;
    this.#tell({ type: 'page-finished', page, slot: slot.id, attempt: 1, outcome: 'translated' });
    this.#next(worker);
  }

  #cardOf(slot: Slot): Card {
    const card = this.#cards[gpuIndexOf(slot) ?? 0];
    if (!card) throw new Error(`${slot.id} is on no card`);
    return card;
  }

  #tell(event: Happening): void {
    this.#policy?.hear(event, this.#now * 1000);
  }

  #at(at: number, act: () => void): void {
    let low = 0;
    let high = this.#due.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#due[middle]?.at ?? 0) <= at) low = middle + 1;
      else high = middle;
    }
    this.#due.splice(low, 0, { at, act });
  }
}

const TWO_CARDS: readonly SimulatedCard[] = [
  { name: 'Tesla T4', holds: 6 },
  { name: 'Tesla T4', holds: 6 },
];

const DEFAULTS = {
  pages: 960,
  share: 0.3,
  loadSeconds: 5,
  noise: 0.2,
  firstPage: 3,
  tellsMemory: true,
  refusesFrom: Number.POSITIVE_INFINITY,
  hungryEvery: Number.POSITIVE_INFINITY,
  disturbed: [0, 0],
  cores: 64,
  coresAWorker: 0.5,
  mainFreeWorkers: 100,
  seed: 1,
} as const;
