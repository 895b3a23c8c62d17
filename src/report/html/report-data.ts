import type { SlotDevice } from '../../model/events.ts';
import type { RunReport } from '../report-schema.ts';

/**
 * What the HTML report is given. Pages are columns, one entry a page, so that 100,000 of them are small and read quickly. Times are
 * in hundredths of a second, and count from `startMs`.
 */
export interface ReportData {
  readonly v: 1;
  /** When it was written, in milliseconds since 1970. */
  readonly madeMs: number;
  /** When the first of the runs started. */
  readonly startMs: number;
  /** As `report --json` has it, but for its lists of pages. */
  readonly report: ShortReport;
  /** Beginnings of links to originals and results, relative to the report's file, percent-encoded, with `/` at the end. */
  readonly links: { readonly input?: string; readonly output: string };
  /** What to do about pages that failed, by reason. */
  readonly hints: Readonly<Record<string, string>>;
  /** The run's options, redacted. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly machines: readonly ReportedMachine[];
  readonly gpus: readonly ReportedGpu[];
  readonly slots: readonly ReportedSlot[];
  readonly pages: PageColumns;
  readonly spans: SpanColumns;
  readonly marks: readonly ReportedMark[];
  readonly samples: readonly GpuSamples[];
  readonly notices: readonly ReportedNotice[];
  /** Lines of the log around a failure, by the page's place in the columns. */
  readonly logs: Readonly<Record<number, string>>;
}

export type ShortReport = Omit<RunReport, 'failures' | 'untranslated' | 'parts'>;

/** Where a run was. */
export interface ReportedMachine {
  readonly part?: number;
  readonly host: string;
  readonly cpus: number;
  readonly memoryBytes: number;
  readonly node: string;
}

export interface ReportedGpu {
  readonly part?: number;
  readonly index: number;
  readonly name?: string;
  readonly memoryTotalBytes?: number;
}

export interface ReportedSlot extends Pick<SlotDevice, 'slot' | 'gpu'> {
  readonly part?: number;
}

/** Outcomes as they stand in the columns, one letter a page: translated, no-text, untranslated, failed, left. */
export const OUTCOME_LETTERS = {
  translated: 't',
  'no-text': 'n',
  untranslated: 'u',
  failed: 'f',
  left: 'l',
} as const;

/** What is told of a page besides its outcome: bits that are or'ed. */
export const PAGE_MARKS = { unchanged: 1, recovered: 2, originalInPlace: 4, earlier: 8 } as const;

/** Every page of the output, in natural order. -1 stands for none. */
export interface PageColumns {
  /** Of which `folder` has the places; the input root is ''. */
  readonly folders: readonly string[];
  readonly folder: readonly number[];
  readonly name: readonly string[];
  /** Of `OUTCOME_LETTERS`, one a page. */
  readonly outcome: string;
  readonly marks: readonly number[];
  readonly attempts: readonly number[];
  /** Place in `slots`, of pages that this run tried. */
  readonly slot: readonly number[];
  /** When it ended; each less the one before it. */
  readonly end: readonly number[];
  /** From its start to its end on the slot. */
  readonly span: readonly number[];
  /** What its worker says that it took. */
  readonly seconds: readonly number[];
  /** Place in `outputForms`. */
  readonly output: readonly number[];
  /** `*.png`: the page's name with this suffix, in the same folder; `/a/b.png`: that path in the output. */
  readonly outputForms: readonly string[];
  readonly reasons: readonly string[];
  readonly messages: readonly string[];
  /** Of pages that have one: place in `reasons`, and in `messages`. */
  readonly reason: Readonly<Record<number, number>>;
  readonly message: Readonly<Record<number, number>>;
  /** What workers noted on pages. */
  readonly notes: Readonly<Record<number, readonly string[]>>;
}

/** What slots did besides the pages' last tries. */
export interface SpanColumns {
  /** `l`: loading, `r`: a try that was repeated. */
  readonly kind: string;
  readonly slot: readonly number[];
  readonly start: readonly number[];
  readonly span: readonly number[];
  /** Place in the page columns, of a try. */
  readonly page: readonly number[];
  /** Places in the pages' `messages`. */
  readonly message: readonly number[];
  /** Spans that are not here: there were too many. */
  readonly more: number;
}

/** Something that happened to a slot, a GPU, or all of them. */
export interface ReportedMark {
  readonly kind: 'benched' | 'retired' | 'joined' | 'exited' | 'waiting' | 'packing';
  readonly at: number;
  /** How long a service was waited for. */
  readonly span?: number;
  readonly slot?: number;
  readonly gpu?: number | null;
  readonly part?: number;
  readonly text: string;
}

/** How busy a GPU was: columns, one entry a sample. */
export interface GpuSamples {
  readonly part?: number;
  readonly gpu: number;
  readonly at: readonly number[];
  /** In percent. */
  readonly busy: readonly number[];
  /** In megabytes. */
  readonly memory: readonly number[];
}

export interface ReportedNotice {
  readonly at: number;
  readonly level: 'info' | 'warn';
  readonly text: string;
}
