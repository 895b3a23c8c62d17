import type { Page } from '../../model/page.ts';
import type { Slot } from '../../model/slot.ts';
import type { Cards } from '../../schedule/cards.ts';
import type { LinkMode } from '../../store/outputs/link-mode.ts';
import type { Command, WarmTranslator } from '../../translators/translator.ts';
import type { PageRequest } from '../../workers/protocol.ts';
import type { WorkerMemory } from '../../workers/worker-memory.ts';
import type { StagedPage } from '../staging/staged-page.ts';
import type { CopyGiven } from './copy-given.ts';
import type { SlotContext } from './slot-context.ts';

/** What the slots of a warm run share. */
export interface WarmContext extends SlotContext {
  readonly translator: WarmTranslator;
  /** How its worker is started where the run's workers live. */
  readonly commandOf: (slot: Slot) => Command;
  readonly links: LinkMode;
  /** The group that a page belongs to, as the worker is told. */
  readonly groupOf: (page: Page) => string;
  /** What workers take of the devices' memory. */
  readonly cards: Cards;
  /** What workers take of main memory. */
  readonly memory: WorkerMemory;
  /** A worker's process was started. */
  readonly onStart: () => void;
}

/** A page that is ready to be handed to a worker: looked at, the place of its output known. */
export interface ReadyPage {
  readonly page: Page;
  /** The worker gets a copy that it may do anything to; else the original itself. */
  readonly isCopy: boolean;
  /** Its copy as it was given, where that stands for the original: it is to show what the worker does to its input. */
  readonly onTrial?: CopyGiven | undefined;
  /** How long its copy took to make, in milliseconds; missing where there is none of a file. */
  readonly copyMs?: number | undefined;
  /** Its copy is one that was made ahead. */
  readonly staged?: StagedPage | undefined;
  readonly request: PageRequest;
}
