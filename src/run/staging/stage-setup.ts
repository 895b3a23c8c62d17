import type { LogLevel } from '../../model/events.ts';
import type { Page } from '../../model/page.ts';
import type { Inspector } from '../../pages/inspector.ts';

/** The folder of a run's copies. */
export interface OpenedStage {
  readonly path: string;
  readonly roomBytes: number;
  /** Removes it with all copies. Never rejects. */
  close(): Promise<void>;
}

/** What looks at pages. */
export type Probe = Pick<Inspector, 'probe'>;

/** What a stage works with. */
export interface StageSetup {
  /** True where copies are wanted; false where the first pages are to tell. */
  readonly isWanted: boolean;
  /** The next pages, in the order in which workers will come to them, so many at the most. */
  readonly upcoming: (most: number) => readonly Page[];
  /** Told of each page that was copied ahead and is there. */
  readonly arrived?: (page: Page) => void;
  /** Reads the pages of the trial. */
  readonly inspector: Probe;
  /** Threads of its own for copies, so that no result waits behind them. */
  readonly openInspector: () => Probe & Pick<Inspector, 'close'>;
  /** So many pages are copied at one time. */
  readonly atOnce: number;
  /** Undefined where there is no folder for copies, and that was told. */
  readonly openFolder: () => Promise<OpenedStage | undefined>;
  readonly tell: (level: Extract<LogLevel, 'info' | 'warn'>, text: string) => void;
  readonly stop: AbortSignal;
}
