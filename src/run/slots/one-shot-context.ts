import type { EarlierOutcomes } from '../../dispatch/earlier-outcomes.ts';
import type { LinkMode } from '../../store/outputs/link-mode.ts';
import type { OneShotTranslator } from '../../translators/translator.ts';
import type { NamingHabit } from '../../workers/naming-habit.ts';
import type { ChildEnding } from '../../workers/one-shot-start.ts';
import type { OutputNaming } from '../../workers/output-naming.ts';
import type { StartsSeen } from '../../workers/starts-seen.ts';
import type { KnownRefusal } from '../known-refusal.ts';
import type { BatchStaging } from '../staging/batch-staging.ts';
import type { NestedPages } from './nested-pages.ts';
import type { Recalls } from './recalls.ts';
import type { SlotContext } from './slot-context.ts';
import type { InputNames } from './unnamed-outputs.ts';

/** The translator as children are started with it now; it changes where the program refuses an argument of ours. */
export class CurrentTranslator {
  #now: OneShotTranslator;

  constructor(translator: OneShotTranslator) {
    this.#now = translator;
  }

  get now(): OneShotTranslator {
    return this.#now;
  }

  /** Children are started with `instead`. False where another slot has seen to it since `refused` was started. */
  replace(refused: OneShotTranslator, instead: OneShotTranslator): boolean {
    if (this.#now !== refused) return false;
    this.#now = instead;
    return true;
  }
}

/** What a program does that the run is told of. */
export type Habit = 'does-not-end' | 'other-names' | 'over-input' | 'misplaced';

/** What the slots of a one-shot run share. */
export interface OneShotContext extends SlotContext {
  readonly optionsHash: string;
  readonly links: LinkMode;
  /** One batch is filled at a time: the first child starts sooner, the last no later. */
  readonly fillInTurn: <T>(fill: () => Promise<T>) => Promise<T>;
  /** Copies the pages of batches ahead of their children; missing where that is not wanted. */
  readonly staging: BatchStaging | undefined;
  /** How long the program takes to start, as its children show it. */
  readonly starts: StartsSeen;
  /** When the program names its pages, as its children teach it. */
  readonly habit: NamingHabit;
  /** How the program names its outputs, as its children teach it. */
  readonly naming: OutputNaming;
  readonly inputs: InputNames;
  /** Whether the program comes to pages in sub-folders. */
  readonly nested: NestedPages;
  readonly earlier: Pick<EarlierOutcomes, 'hasFailed'>;
  /** Something in the work folder is for a later run. */
  readonly keepWork: () => void;
  /** Removals of old batches, to be awaited at the end. */
  readonly removals: Set<Promise<void>>;
  /** Habits of the program that the run has been told of: once is enough. */
  readonly told: Set<Habit>;
  /** See `OneShotStart`: what a child has for its end, where tests don't wait so long. */
  readonly ending?: ChildEnding | undefined;
  readonly translator: CurrentTranslator;
  /** Batches that are worth more elsewhere. */
  readonly recalls: Recalls;
  readonly refusal: Pick<KnownRefusal, 'note'>;
}
