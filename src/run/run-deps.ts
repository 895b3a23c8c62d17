import type { RunEvent } from '../model/events.ts';
import type { Stop } from '../model/stop.ts';
import type { ChildEnding } from '../workers/one-shot-start.ts';
import type { Surroundings } from './resolve-run.ts';
import type { ContinueCommand } from './run-events.ts';

/** What a run is given besides its options. */
export interface RunDeps extends Surroundings {
  /** Asked to stop from outside; a run of its own where missing. */
  readonly stop?: Stop;
  /** Hears every event, in order. */
  readonly report?: (event: RunEvent) => void;
  /** The command that goes on with this run, for the summary. */
  readonly continueCommand?: ContinueCommand;
  /** Things that the user should know before the first page. */
  readonly notices?: readonly string[];
  /** How often the lock is touched and the GPUs are sampled, in milliseconds; 10 s where missing. */
  readonly heartbeatMs?: number;
  /** What a one-shot child has for its end once it has made all its pages; 10 s and 30 s where missing. */
  readonly childEnding?: ChildEnding;
}
