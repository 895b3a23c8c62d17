import type { Dispatcher } from '../../dispatch/dispatcher.ts';
import type { Emit } from '../../model/events.ts';
import { type Slot, slotDeviceOf } from '../../model/slot.ts';
import { applyDecision, type DecisionContext } from './apply-decision.ts';

/** What a pool of slots needs of its run. */
type PoolContext = DecisionContext & {
  readonly dispatcher: Pick<Dispatcher, 'finish' | 'join' | 'retire'>;
};

/** The slots at work: one loop each, from the run's start or from when they join. */
export class SlotPool {
  readonly #context: PoolContext;
  readonly #work: (slot: Slot) => Promise<void>;
  readonly #going = new Set<Promise<void>>();

  constructor(context: PoolContext, work: (slot: Slot) => Promise<void>) {
    this.#context = context;
    this.#work = work;
  }

  /** Puts slots to work that the dispatcher has known from the start. */
  start(slots: readonly Slot[]): void {
    for (const slot of slots) this.#go(slot);
  }

  /** A slot takes part from now on. */
  join(slot: Slot, why: string): void {
    const { dispatcher, emit } = this.#context;
    dispatcher.join(slot);
    tellJoined(emit, slot, why);
    this.#go(slot);
  }

  /** The slot finishes what it has, and gets no more. `by`: who retires it where nothing went wrong with it. */
  async retire(slot: Slot, why: string, by?: 'packing'): Promise<void> {
    const decision = this.#context.dispatcher.retire(slot, why);
    const retired = by ? decision.retired.map((each) => ({ ...each, by })) : decision.retired;
    await applyDecision(this.#context, slot, { ...decision, retired });
  }

  /** Settles when no slot is at work any more. */
  async settled(): Promise<void> {
    while (this.#going.size > 0) await Promise.all(this.#going);
  }

  /** Tells what was only certain once nobody is at work. */
  async finish([first]: readonly Slot[]): Promise<void> {
    if (first) await applyDecision(this.#context, first, this.#context.dispatcher.finish());
  }

  #go(slot: Slot): void {
    // What ends one slot ends the run, once the others have come to their end.
    const going = this.#work(slot).catch(this.#context.fail);
    this.#going.add(going);
    void going.then(() => this.#going.delete(going));
  }
}

const tellJoined = (emit: Emit, slot: Slot, why: string): void =>
  emit({ type: 'slot-joined', ...slotDeviceOf(slot), ...gpuTold(slot), why });

/** Of a GPU that was not known at the run's start. */
const gpuTold = ({ gpu }: Slot): { readonly gpuName?: string; readonly memoryTotalBytes?: number } => ({
  ...(gpu?.node !== undefined && gpu.name !== undefined && { gpuName: gpu.name }),
  ...(gpu?.node !== undefined &&
    gpu.memoryTotalBytes !== undefined && { memoryTotalBytes: gpu.memoryTotalBytes }),
});
