import type {
  AttemptResult,
  Beside,
  Decision,
  FailedPage,
  WorkAssignment,
} from '../../src/dispatch/assignment.ts';
import { Dispatcher } from '../../src/dispatch/dispatcher.ts';
import type { EarlierOutcomes } from '../../src/dispatch/earlier-outcomes.ts';
import { LoadGate } from '../../src/dispatch/load-gate.ts';
import type { Page, PageId } from '../../src/model/page.ts';
import { gpuIndexOf, type Slot } from '../../src/model/slot.ts';
import { Cards } from '../../src/schedule/cards.ts';
import { makeSchedule } from '../../src/schedule/make-schedule.ts';
import { sizedCosts } from '../schedule/sized-costs.ts';
import type { Ended, PageNature, SimulatedProcess, StartNature, Try } from './natures.ts';
import { workInBatches } from './simulated-child.ts';
import { SimulatedClock } from './simulated-clock.ts';
import { workPageByPage } from './simulated-worker.ts';
import { Story } from './story.ts';

/** Everything that a simulated run is made from. */
export interface Scenario {
  /** How many, numbered from 1. */
  readonly pages: number;
  readonly gpus?: number;
  /** Slots of each device. */
  readonly workers?: number;
  /** Warm workers, or programs that get batches and tell failures, raise at the first one, or pass over it without a word. */
  readonly translator?: 'warm' | 'tells' | 'raises' | 'passes-over';
  /** A program names its pages before it has them. */
  readonly namesPages?: boolean;
  readonly strategy?: 'dynamic' | 'even' | 'vram';
  readonly retries?: number;
  /** How warm workers get the page after the one at work. */
  readonly ahead?: 'send' | 'hold' | undefined;
  /** How long a slot is busy with what follows from a result before it asks again; 0 where missing. */
  readonly pauseSeconds?: (slot: Slot) => number;
  readonly loadSeconds?: (slot: Slot) => number;
  readonly pageSeconds?: (attempt: Try) => number;
  readonly page?: PageNature;
  readonly start?: StartNature;
  /** Of devices, by number. */
  readonly memory?: (gpu: number) => number;
  readonly costOf?: (page: number) => number;
  /** What pages take of a device's memory at their most, as it is predicted; missing: nobody looks at memory. */
  readonly peakOf?: ((page: number) => number) | undefined;
  readonly earlier?: EarlierOutcomes;
  readonly serviceWaitSeconds?: number;
  readonly pagesPerMinute?: number | undefined;
  /** Things that happen while the run goes on. */
  readonly events?: readonly { readonly at: number; readonly act: (world: World) => void }[];
}

const numberOf = (id: PageId): number => Number(/\d+/.exec(id)?.[0]);
const pageOf = (page: number): Page => {
  const id = `p${String(page).padStart(3, '0')}.png`;
  return { id, path: `/in/${id}` };
};

/** Runs a scenario from its first second to its last. */
export async function storyOf(scenario: Scenario): Promise<Story> {
  return new World(scenario).run();
}

/** A run over simulated pages, processes, devices and time. The dispatcher, its schedule and the gate are real. */
export class World {
  readonly scenario: Scenario;
  readonly clock = new SimulatedClock();
  readonly gate: LoadGate;
  readonly dispatcher: Dispatcher;
  readonly story: Story;
  readonly #stop = new AbortController();
  readonly #memory: (gpu: number) => number;
  readonly #cards: Cards | undefined;
  readonly #going = new Set<Promise<void>>();
  readonly #processes = new Set<SimulatedProcess>();
  readonly #loads = new Set<{ readonly slot: Slot; together: number }>();
  readonly #tries = new Set<Try>();
  /** Of each page's latest try. */
  readonly #seconds = new Map<PageId, number>();

  constructor(scenario: Scenario) {
    const { pages, gpus = 1, workers = 1, translator = 'warm', strategy = 'dynamic', retries = 2 } = scenario;
    const { memory = () => 8, costOf = () => 1, earlier, serviceWaitSeconds = 0 } = scenario;
    this.scenario = scenario;
    this.#memory = memory;
    const slots = Array.from({ length: gpus * workers }, (_, at) =>
      this.slot(at % gpus, Math.floor(at / gpus)),
    );
    const takes = translator === 'warm' ? 'page' : 'batch';
    this.gate = new LoadGate({ needsFirst: false, inTurnOnDevice: takes === 'page' });
    const all = Array.from({ length: pages }, (_, at) => pageOf(at + 1));
    const cost = (id: PageId): number => costOf(numberOf(id));
    const { peakOf } = scenario;
    const cards = peakOf && new Cards({ peakOf: (id) => peakOf(numberOf(id)) });
    this.#cards = cards;
    this.story = new Story(pages, slots.length, this.clock);
    this.dispatcher = new Dispatcher({
      schedule: makeSchedule(strategy, {
        pages: all,
        slots,
        costs: sizedCosts(
          all.map(({ id }) => id),
          cost,
        ),
        pageByPage: takes === 'page',
        ...(cards && { memory: { needOf: (id) => cards.needOf(id), roomOf: (slot) => cards.roomOf(slot) } }),
      }),
      cards: takes === 'page' ? cards : undefined,
      slots,
      takes,
      retries,
      gate: this.gate,
      stop: this.#stop.signal,
      costOf: cost,
      serviceWaitMs: serviceWaitSeconds * 1000,
      pagesPerMinute: scenario.pagesPerMinute,
      clock: this.clock,
      random: () => 0.5,
      ...(earlier && { earlier }),
    });
    for (const slot of slots) this.#go(slot);
  }

  slot(gpu: number, worker = 0): Slot {
    const visibleAs = String(gpu);
    const card = { index: gpu, vendor: 'nvidia', visibleAs, memoryTotalBytes: this.#memory(gpu) } as const;
    return { id: `gpu${gpu}-${worker}`, gpu: card };
  }

  async run(): Promise<Story> {
    for (const { at, act } of this.scenario.events ?? []) this.clock.after(at * 1000, () => act(this));
    await this.clock.until(this.#settled());
    this.story.end();
    return this.story;
  }

  join(slot: Slot): void {
    this.dispatcher.join(slot);
    this.#go(slot);
  }

  retire(slot: Slot): void {
    this.carryOut(this.dispatcher.retire(slot, 'told to'));
  }

  stop(): void {
    this.#stop.abort();
  }

  get isStopped(): boolean {
    return this.#stop.signal.aborted;
  }

  /** What becomes of a start that the gate has let through. */
  async start(slot: Slot): Promise<SimulatedProcess | { readonly words: string; readonly beside: Beside }> {
    const { loadSeconds = () => 2, start } = this.scenario;
    const process = { slot, answered: 0 };
    const gpu = gpuIndexOf(slot) ?? -1;
    const load = { slot, together: this.#loads.size };
    for (const other of this.#loads) other.together += 1;
    this.#loads.add(load);
    this.#processes.add(process);
    this.story.loads += 1;
    await this.clock.sleep(loadSeconds(slot));
    this.#loads.delete(load);
    const beside = this.#on(gpu) - 1;
    const words = start?.({ slot, gpu, beside, together: load.together, seconds: this.clock.seconds });
    if (words === undefined) return process;
    return { words, beside: this.leave(process) ?? { ofDevice: false, loading: false } };
  }

  /** The process is gone. */
  leave(process: SimulatedProcess): Beside | undefined {
    this.#processes.delete(process);
    this.#cards?.gone(process.slot);
    return this.gate.gone(process.slot);
  }

  /** A process has the page from now on, and comes to an end with it. */
  async attempt(process: SimulatedProcess, { id }: Page): Promise<Ended> {
    const { pageSeconds = () => 1, page: nature } = this.scenario;
    const gpu = gpuIndexOf(process.slot) ?? -1;
    const page = numberOf(id);
    const others = [...this.#tries].filter((other) => other.gpu === gpu);
    const attempt: Try = {
      page,
      gpu,
      process,
      times: this.story.handed(process.slot, page),
      seconds: this.clock.seconds,
      beside: new Set(others.map((other) => other.page)),
      processesBeside: this.#on(gpu) - 1,
    };
    for (const { beside } of others) beside.add(page);
    this.#tries.add(attempt);
    const seconds = pageSeconds(attempt);
    this.#seconds.set(id, seconds);
    await this.clock.sleep(seconds);
    this.#tries.delete(attempt);
    const ended = process.broken ?? nature?.(attempt) ?? { by: 'done' };
    process.answered += 1;
    if (ended.by === 'busy') this.story.refused(process.slot);
    return ended;
  }

  /** A page is on record. */
  done(assignment: WorkAssignment, page: Page, loadSeconds: number | undefined): void {
    this.story.done(numberOf(page.id));
    const load = loadSeconds !== undefined && { loadSeconds };
    const peakBytes = this.scenario.peakOf?.(numberOf(page.id));
    const seconds = this.#seconds.get(page.id) ?? 0;
    this.carryOut(this.dispatcher.pageDone(assignment, page, { seconds, peakBytes, ...load }));
  }

  /** Tells the dispatcher; true where the slot's process is to be replaced. */
  settle(assignment: WorkAssignment, result: AttemptResult): boolean {
    const decision = this.dispatcher.settle(assignment, result);
    this.carryOut(decision);
    return decision.replaceProcess;
  }

  carryOut({ failed: pages, retried, benched, retired, hopeless }: Decision): void {
    for (const page of pages) this.story.failed(numberOf(page.page.id), page as FailedPage);
    this.story.retried += retried.filter(({ reason }) => reason !== 'busy').length;
    for (const { gpu, why } of benched) this.story.benched.set(gpu ?? -1, why);
    for (const { slot, why } of retired) this.story.retired.set(slot.id, why);
    if (!hopeless) return;
    this.story.hopeless ??= hopeless.message;
    this.stop();
  }

  #on(gpu: number): number {
    return [...this.#processes].filter(({ slot }) => gpuIndexOf(slot) === gpu).length;
  }

  #go(slot: Slot): void {
    const { translator = 'warm' } = this.scenario;
    const going = translator === 'warm' ? workPageByPage(this, slot) : workInBatches(this, slot, translator);
    this.#going.add(going);
    void going.finally(() => this.#going.delete(going)).catch(() => {});
  }

  async #settled(): Promise<void> {
    while (this.#going.size > 0) await Promise.all(this.#going);
  }
}
