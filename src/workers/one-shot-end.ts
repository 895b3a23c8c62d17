import type { PageId } from '../model/page.ts';
import type { StopReason } from './supervisor-state.ts';
import type { WorkerEnd } from './worker-end.ts';

/**
 * `done`: it had made all its pages, and did not end by itself. `failing`: it failed one page after the other. `misplaced`: it makes
 * its pages where nobody looks for outputs.
 */
export type OneShotReason = { readonly by: 'drain' | 'done' | 'failing' | 'misplaced' };

/** Why the launcher itself ended a worker. */
export type EndedBy = StopReason<OneShotReason>['by'];

/** All that is known of a batch once its worker is gone. */
export interface OneShotEnd {
  readonly end: WorkerEnd;
  /** Missing: it ended by itself. */
  readonly endedBy?: EndedBy;
  /** In the order in which they were finished. */
  readonly finished: readonly PageId[];
  /** In the order in which the child last named them. */
  readonly named: readonly PageId[];
  /** Outputs seen after the last naming: past one, the names do not follow the work. */
  readonly outputsSinceNamed: number;
  readonly broken: ReadonlyMap<PageId, string>;
  /** Files beside the outputs, relative to the output folder. */
  readonly others: readonly string[];
  /** The last lines that it wrote, without secrets, of its current page where it names pages. */
  readonly lastLines: readonly string[];
}
