import type { PageId } from '../model/page.ts';
import type { WorkerChannel } from './hosts/host.ts';
import type { Redact } from './lines.ts';

/** What a warm worker is started with. */
export interface WarmStart {
  /** Its worker, in the tick of its start. */
  readonly channel: WorkerChannel;
  /** Time a page may be at work; 0: no limit. */
  readonly pageTimeoutMs: number;
  /** Time until `ready`; 0: no limit. */
  readonly startTimeoutMs: number;
  /** Time that a worker has to end after it was asked, or after it closed a pipe. */
  readonly graceMs?: number;
  /** Takes secrets out of whatever the worker says, before anything is cut. */
  readonly redact?: Redact;
  readonly tell: WarmListener;
}

/** Is told without secrets. */
export interface WarmListener {
  /** A line of its log; what comes on stdout is noise: it is no line of the protocol. */
  line(stream: 'stdout' | 'stderr', text: string): void;
  /** The worker's turn came to this page: it was handed over, or the page before it was answered. */
  pageStarted(page: PageId): void;
  stage(page: PageId, stage: string): void;
}
