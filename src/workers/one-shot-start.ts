import type { Page, PageId } from '../model/page.ts';
import type { Inspector } from '../pages/inspector.ts';
import type { ChildEnd, FoundOutput } from './found-output.ts';
import type { WorkerChannel } from './hosts/host.ts';
import type { Redact } from './lines.ts';
import type { NamingHabit } from './naming-habit.ts';
import type { BatchNames } from './output-names.ts';
import type { StartsSeen } from './starts-seen.ts';

/** What a one-shot worker is started with. */
export interface OneShotStart {
  /** Its child, in the tick of its start. */
  readonly channel: WorkerChannel;
  readonly pages: readonly Page[];
  /** Size of each page's source, in bytes. */
  readonly sourceBytes: ReadonlyMap<PageId, number>;
  readonly inputFolder: string;
  readonly outputFolder: string;
  readonly names: BatchNames;
  /**
   * Where the output folder holds the pages too: their names there in one form, and when each was put there (`ctimeMs`). One
   * that was not written to since is no output.
   */
  readonly placed?: ReadonlyMap<string, number> | undefined;
  /** Looks at what the child writes. */
  readonly inspector: Pick<Inspector, 'verify'>;
  /** How long earlier children of this program took to start. */
  readonly starts?: StartsSeen;
  /** What earlier children of this program taught of when it names its pages. */
  readonly habit?: NamingHabit;
  /**
   * Asked of a child that left files, and none of them an output, while it works (`end` is missing) and after its end: true where
   * it knows now how outputs are named.
   */
  readonly learnNames?: (others: readonly string[], end?: ChildEnd) => boolean;
  /**
   * Asked again and again of a child that has made no output, with the other files in its output folder: true where it makes its
   * pages where they are no outputs. It is ended then.
   */
  readonly isMisplacing?: (others: readonly string[]) => Promise<boolean>;
  /** Time since the last sign of a page; 0: no limit. */
  readonly pageTimeoutMs: number;
  /** Time until the first sign of a page; 0: no limit. Where `starts` knows how long a start takes, `pageTimeoutMs` counts too. */
  readonly startTimeoutMs: number;
  /** 10 s and 30 s where missing. */
  readonly ending?: ChildEnding | undefined;
  /** Takes secrets out of whatever the child says, before anything is cut. */
  readonly redact?: Redact;
  readonly tell: OneShotListener;
}

/** What a child has for its end once it has made all its pages, in milliseconds. */
export interface ChildEnding {
  /** For how long all outputs have to be whole and unchanged, and no page named, until its work counts as done. */
  readonly doneAfterMs: number;
  /** How long it may take to end by itself from then on. */
  readonly endWithinMs: number;
}

/** The time to end is there for a child that packs its outputs, or writes a report. */
export const ENDING: ChildEnding = { doneAfterMs: 10_000, endWithinMs: 30_000 };

/** Is told what a one-shot worker does, while it does it. */
interface OneShotListener {
  /** A line without secrets, and as it came: a page's name in it is to be found whatever it looks like. */
  line(stream: 'stdout' | 'stderr', text: string, raw: string): void;
  /** The translator went on to this page. */
  pageStarted(page: PageId): void;
  /** An image that may be this page's output, as soon as it is known how outputs are named. */
  pageWritten?(page: PageId, file: string): void;
  /** A whole output; its place is free for the next once this settles. */
  output(found: FoundOutput, seconds: number | undefined): Promise<void>;
}
