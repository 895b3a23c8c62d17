import { availableParallelism } from 'node:os';
import { workerEnvironment } from '../devices/slots.ts';
import { Dispatcher, type DispatcherSetup } from '../dispatch/dispatcher.ts';
import type { EarlierOutcomes } from '../dispatch/earlier-outcomes.ts';
import { definedOnly } from '../model/defined-only.ts';
import type { Emit } from '../model/events.ts';
import type { Page } from '../model/page.ts';
import type { RunOptions } from '../model/run-options.ts';
import type { Slot } from '../model/slot.ts';
import type { Stop } from '../model/stop.ts';
import type { Inspector } from '../pages/inspector.ts';
import type { Costs } from '../schedule/costs.ts';
import type { FileMover } from '../store/outputs/file-mover.ts';
import type { LinkMode } from '../store/outputs/link-mode.ts';
import type { PageRecorder } from '../store/outputs/recorder.ts';
import type { Host } from '../workers/hosts/host.ts';
import type { ChildEnding } from '../workers/one-shot-start.ts';
import type { OutputNaming } from '../workers/output-naming.ts';
import type { KnownRefusal } from './known-refusal.ts';
import type { ResolvedRun } from './resolve-run.ts';
import type { CardSampling } from './sample-while.ts';
import type { SlotContext } from './slots/slot-context.ts';
import { UnseenPages } from './slots/unseen-pages.ts';
import type { Spending } from './spending.ts';
import type { Stage } from './staging/stage.ts';

/** What slots need, and the pages that come in chunks while earlier ones are done already. */
export interface SlotsAtWork {
  readonly options: RunOptions;
  readonly resolved: ResolvedRun;
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  readonly stop: Stop;
  readonly emit: Emit;
  /** Tells a listener of every event of the run from now on. */
  readonly listen: (listener: Emit) => void;
  readonly redact: (text: string) => string;
  readonly fail: (error: unknown) => void;
  readonly recorder: PageRecorder;
  /** How a one-shot program names its outputs. */
  readonly naming: OutputNaming;
  /** What is known of arguments that a script refuses. */
  readonly refusal: KnownRefusal;
  readonly mover: FileMover;
  readonly links: LinkMode;
  readonly inspector: Inspector;
  /** What pages cost, as far as it is known. */
  readonly costs: Costs;
  /** What workers say that pages cost. */
  readonly spending: Spending;
  /** Earlier runs have timed pages. */
  readonly areCostsKnown: boolean;
  readonly todo: AsyncIterable<readonly Page[]>;
  readonly earlier: EarlierOutcomes;
  /** How often the lock of the work folder is touched, in milliseconds; 10 s where missing. */
  readonly heartbeatMs: number | undefined;
  readonly childEnding: ChildEnding | undefined;
  /** Has the cards sampled from time to time. */
  readonly sampleBy: (sampling: CardSampling) => void;
}

/** How the pages of a run are dispatched. */
type Dispatching = Pick<
  DispatcherSetup,
  'schedule' | 'slots' | 'takes' | 'gate' | 'mayShareBatch' | 'cards' | 'mayJoin'
> & {
  readonly stage: Stage | undefined;
  /** A worker's environment, where it is not this machine's. */
  readonly environmentOf?: SlotContext['environmentOf'] | undefined;
};

/** What every slot of the run has, whatever its workers are. */
export function slotContextOf(work: SlotsAtWork, host: Host, dispatching: Dispatching): SlotContext {
  const {
    options,
    resolved,
    env,
    emit,
    stop,
    redact,
    fail,
    recorder,
    mover,
    inspector,
    earlier,
    links,
    costs,
  } = work;
  const { gate, stage } = dispatching;
  const cores = availableParallelism();
  const dispatcher = new Dispatcher({
    ...dispatching,
    costOf: costs.of,
    retries: options.retries,
    serviceWaitMs: options.serviceWaitMs,
    pagesPerMinute: options.pagesPerMinute,
    stop: stop.drain,
    earlier,
  });
  // Slots may have joined; where some are gone, the others keep to their share of the cores.
  const slots = (): readonly Slot[] =>
    dispatcher.slots.length > dispatching.slots.length ? dispatcher.slots : dispatching.slots;
  return {
    options,
    workRoot: resolved.folders.work,
    outputRoot: resolved.folders.output,
    mover,
    dispatcher,
    gate,
    stage,
    recorder,
    inspector,
    costs,
    spending: work.spending,
    host,
    environmentOf:
      dispatching.environmentOf ??
      ((slot) => ({
        ...definedOnly(env),
        ...workerEnvironment({ slot, slots: slots(), env, cores }),
      })),
    emit,
    unseen: new UnseenPages(emit, links),
    stop,
    redact,
    fail,
  };
}
