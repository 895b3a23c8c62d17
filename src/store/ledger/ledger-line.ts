import * as z from 'zod';
import type { PageFinished } from '../../model/events.ts';
import { FAILURE_REASONS, OUTCOMES, type Outcome } from '../../model/outcome.ts';
import type { PageId, SourceStamp } from '../../model/page.ts';
import { isNestedWithin, isRecord, parsedJson } from '../../model/parsed-json.ts';
import { parseOutputPattern } from '../../pages/output-pattern.ts';
import { isUsualLine } from './usual-line.ts';

/** What a page's source was when the page was done. */
export interface SourceRecord extends SourceStamp {
  readonly crc32: number;
}

/** The last word on a page: its last `page-finished`, what it was made from, what came of it, and with which options. */
export interface LedgerLine
  extends Omit<PageFinished, 'output' | 'recovered' | 'originalInPlace' | 'waitSeconds' | 'staged'> {
  readonly time: string;
  /** The GPU that its slot is on, null for the CPU. Version 0.1.0 wrote none: there the slot's name tells. */
  readonly gpu?: number | null;
  /** Null where the source could not be read. */
  readonly source: SourceRecord | null;
  /** `path` is relative to the output root. Null: there is no file, and for a good outcome that is right. */
  readonly output: { readonly path: string; readonly bytes: number } | null;
  /** Hash of the options that shape the result. */
  readonly options: string;
  /** With a failed page: the copy of its original that was put in its place, by this run or an earlier one. */
  readonly standIn?: StandIn;
  /** The file was there before any ledger knew it. */
  readonly adopted?: true;
}

/** A copy of an original, as it was put into the output. */
export interface StandIn {
  /** Relative to the output root. */
  readonly path: string;
  readonly bytes: number;
  readonly crc32: number;
}

/** Stands where a hash first appears, so that a later run can name the old options. */
export interface OptionsLine {
  readonly type: 'options';
  readonly time: string;
  readonly hash: string;
  /** Redacted. */
  readonly options: Readonly<Record<string, unknown>>;
}

/** How the script of a run names its outputs: noted with the first one, so that later runs need not find it out. */
export interface OutputNameLine {
  readonly type: 'output-name';
  readonly time: string;
  /** Hash of the options that shape the result. */
  readonly options: string;
  /** As `--output-name` takes it. */
  readonly name: string;
}

/** An argument of ours that the script of a run refuses: noted with the first refusal, so that later runs start it without. */
export interface RefusedLine {
  readonly type: 'refused-argument';
  readonly time: string;
  /** Hash of the options that shape the result. */
  readonly options: string;
  /** The script as it was: another one may take the argument. */
  readonly script: SourceStamp;
}

/** An archive that was packed: what it was, and what came of it. */
export interface ArchiveLine extends SourceStamp {
  readonly type: 'archive';
  readonly time: string;
  /** Its path relative to the input root. */
  readonly archive: PageId;
  /** Of what its directory says of its entries. */
  readonly directoryCrc: number;
  /** All that it has, those that filters left out among them. */
  readonly pages: number;
  readonly outcomes: Readonly<Partial<Record<Outcome, number>>>;
  /** Relative to the output root, or its name beside the output folder. */
  readonly output: string;
  readonly outputBytes: number;
}

const amount = z.number().nonnegative();
/** One that is no time (a clock in the year 12000) counts as the oldest: the line says what it says all the same. */
const time = z.iso.datetime().catch(new Date(0).toISOString());
/** No file system takes NUL in a name; Node then throws what looks like a bug. Other control characters are in real names. */
const name = z.string().refine((text) => !text.includes('\0'));
const insideOutput = name.refine((path) => path !== '' && !path.startsWith('/') && !climbs(path));

const pageLine = z.object({
  type: z.literal('page-finished'),
  time,
  page: name,
  slot: z.string().exactOptional(),
  gpu: z.int().nonnegative().nullable().exactOptional(),
  attempt: z.int().nonnegative(),
  outcome: z.enum(OUTCOMES),
  reason: z.enum(FAILURE_REASONS).exactOptional(),
  message: z.string().exactOptional(),
  seconds: amount.exactOptional(),
  width: amount.exactOptional(),
  height: amount.exactOptional(),
  stages: z.record(z.string(), amount).exactOptional(),
  peakMemoryBytes: amount.exactOptional(),
  cost: amount.exactOptional(),
  source: z.object({ bytes: amount, mtimeMs: z.number(), crc32: amount }).nullable(),
  output: z.object({ path: insideOutput, bytes: amount }).nullable(),
  unchanged: z.literal(true).exactOptional(),
  options: z.string(),
  standIn: z.object({ path: insideOutput, bytes: amount, crc32: amount }).exactOptional(),
  adopted: z.literal(true).exactOptional(),
});

/** Ours are lists of texts. */
const DEEPEST_OPTIONS = 16;

const optionsLine = z.object({
  type: z.literal('options'),
  time,
  hash: z.string(),
  options: z.record(z.string(), z.unknown()).refine((options) => isNestedWithin(options, DEEPEST_OPTIONS)),
});

const outputNameLine = z.object({
  type: z.literal('output-name'),
  time,
  options: z.string(),
  name: z.string().refine((text) => typeof parseOutputPattern(text) !== 'string'),
});

const refusedLine = z.object({
  type: z.literal('refused-argument'),
  time,
  options: z.string(),
  script: z.object({ bytes: amount, mtimeMs: z.number() }),
});

const archiveLine = z.object({
  type: z.literal('archive'),
  time,
  archive: name,
  bytes: amount,
  mtimeMs: z.number(),
  directoryCrc: amount,
  pages: amount,
  outcomes: z.partialRecord(z.enum(OUTCOMES), amount),
  output: insideOutput,
  outputBytes: amount,
});

const anyLine = z.discriminatedUnion('type', [
  pageLine,
  optionsLine,
  outputNameLine,
  refusedLine,
  archiveLine,
]);

/** What a line of a ledger may be. */
export type AnyLedgerLine = LedgerLine | OptionsLine | OutputNameLine | RefusedLine | ArchiveLine;

/** Reads one line; undefined for a torn one, garbage, and types that only later versions know. Never throws. */
export function parseLedgerLine(text: string): AnyLedgerLine | undefined {
  // An error for each line of rubbish would take seconds a megabyte.
  if (!looksLikeObject(text.trim())) return undefined;
  const value = parsedJson(text);
  if (isRecord(value) && isUsualLine(value)) return value as unknown as LedgerLine;
  return anyLine.safeParse(withoutOddFigures(value)).data;
}

const looksLikeObject = (text: string): boolean => text.startsWith('{') && text.endsWith('}');

/** What a clock that was set back left in a ledger is no reason to forget the page: these figures decide nothing. */
function withoutOddFigures(value: unknown): unknown {
  if (!isRecord(value)) return value;
  const { seconds, stages } = value;
  const isOdd = (took: unknown): boolean => typeof took === 'number' && took < 0;
  const hasOddStage = isRecord(stages) && Object.values(stages).some(isOdd);
  if (!isOdd(seconds) && !hasOddStage) return value;
  const { seconds: _seconds, stages: _stages, ...rest } = value;
  return {
    ...rest,
    ...(seconds !== undefined && !isOdd(seconds) && { seconds }),
    ...(stages !== undefined && !hasOddStage && { stages }),
  };
}

const climbs = (path: string): boolean => path.includes('..') && path.split('/').includes('..');
