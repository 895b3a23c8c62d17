import type { Page } from '../../model/page.ts';
import type { WarmTranslator } from '../../translators/translator.ts';
import type { PageRequest } from '../../workers/protocol.ts';
import type { SlotContext } from './slot-context.ts';

/** What the slots of a warm run share. */
export interface WarmContext extends SlotContext {
  readonly translator: WarmTranslator;
  /** The group that a page belongs to, as the worker is told. */
  readonly groupOf: (page: Page) => string;
  /** A worker's process was started. */
  readonly onStart: () => void;
}

/** A page that is ready to be handed to a worker: looked at, the place of its output known. */
export interface ReadyPage {
  readonly page: Page;
  /** The worker gets a copy that it may do anything to; else the original itself. */
  readonly isCopy: boolean;
  readonly request: PageRequest;
}
