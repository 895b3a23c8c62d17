import type { Outcome } from '../../model/outcome.ts';
import { folderOf, type PageId, shownOutput } from '../../model/page.ts';
import { naturalSortPaths } from '../../pages/natural-order.ts';
import type { LedgerLine } from '../../store/ledger/ledger-line.ts';
import { shorten } from '../escape.ts';
import { OUTCOME_LETTERS, PAGE_MARKS, type PageColumns } from './report-data.ts';
import type { RunTrack, TrackedPage } from './run-track.ts';

/** What is known of one page. */
export interface KnownPage {
  readonly id: PageId;
  /** The last word of all runs. */
  readonly line?: LedgerLine;
  /** What this run did with it, and which run that is. */
  tracked?: TrackedPage;
  track?: RunTrack;
}

/** The place of a run's slot among those of all runs; -1 for none. */
export type SlotAt = (track: RunTrack, slot: string | undefined) => number;

const MESSAGE_CHARACTERS = 500;
/** Of all messages together; a run whose every page fails with other words has them in the ledger. */
const ALL_MESSAGE_CHARACTERS = 400_000;

/** Texts that stand once, and are named by their place. */
export class TextTable {
  readonly texts: string[] = [];
  readonly #places = new Map<string, number>();
  #room: number;

  constructor(room = Number.POSITIVE_INFINITY) {
    this.#room = room;
  }

  /** The place of a text; undefined where there is no room for another one. */
  placeOf(text: string): number | undefined {
    const known = this.#places.get(text);
    if (known !== undefined) return known;
    if (text.length > this.#room) return undefined;
    this.#room -= text.length;
    this.#places.set(text, this.texts.length);
    return this.texts.push(text) - 1;
  }
}

/** Messages of pages and tries, redacted and shortened. */
export class MessageTable {
  readonly table = new TextTable(ALL_MESSAGE_CHARACTERS);
  readonly #redact: (text: string) => string;

  constructor(redact: (text: string) => string) {
    this.#redact = redact;
  }

  placeOf(message: string | undefined): number | undefined {
    return message === undefined
      ? undefined
      : this.table.placeOf(shorten(this.#redact(message), MESSAGE_CHARACTERS));
  }
}

/** Pages in the order of the report. */
export const inReportOrder = (pages: readonly KnownPage[]): KnownPage[] =>
  naturalSortPaths(pages, ({ id }) => id);

/** The columns of these pages, in this order. `startMs`: what times count from. */
export function pageColumns(
  pages: readonly KnownPage[],
  {
    startMs,
    messages,
    slotAt,
  }: { readonly startMs: number; readonly messages: MessageTable; readonly slotAt: SlotAt },
): PageColumns {
  const folders = new TextTable();
  const forms = new TextTable();
  const reasons = new TextTable();
  const columns = {
    folder: [] as number[],
    name: [] as string[],
    marks: [] as number[],
    attempts: [] as number[],
    slot: [] as number[],
    end: [] as number[],
    span: [] as number[],
    seconds: [] as number[],
    output: [] as number[],
    reason: {} as Record<number, number>,
    message: {} as Record<number, number>,
    notes: {} as Record<number, readonly string[]>,
  };
  let outcome = '';
  let lastEnd = 0;
  for (const [at, page] of pages.entries()) {
    const { id, line, tracked, track } = page;
    columns.folder.push(folders.placeOf(folderOf(id)) ?? -1);
    columns.name.push(id.slice(id.lastIndexOf('/') + 1));
    const ended = endOf(page);
    outcome += OUTCOME_LETTERS[ended.outcome];
    columns.marks.push(marksOf(page));
    columns.attempts.push(ended.attempt);
    columns.slot.push(track === undefined ? -1 : slotAt(track, tracked?.slot));
    const end = tracked ? hundredths(tracked.endMs - startMs) : lastEnd;
    columns.end.push(end - lastEnd);
    lastEnd = end;
    columns.span.push(tracked ? end - hundredths(tracked.startMs - startMs) : -1);
    columns.seconds.push(ended.seconds === undefined ? -1 : Math.round(ended.seconds * 100));
    columns.output.push(outputAt(id, line, forms));
    const reason = ended.reason && reasons.placeOf(ended.reason);
    if (reason !== undefined) columns.reason[at] = reason;
    const message = messages.placeOf(ended.message);
    if (message !== undefined) columns.message[at] = message;
    if (tracked && tracked.notes.length > 0) columns.notes[at] = tracked.notes;
  }
  return {
    ...columns,
    outcome,
    folders: folders.texts,
    outputForms: forms.texts,
    reasons: reasons.texts,
    messages: messages.table.texts,
  };
}

/** Milliseconds in the unit of the columns. */
export const hundredths = (ms: number): number => Math.round(ms / 10);

type Ended = Pick<TrackedPage, 'attempt' | 'reason' | 'message' | 'seconds'> & {
  readonly outcome: Outcome | 'left';
};

/** The ledger has the last word; a page that it does not know was left. */
const endOf = ({ line, tracked }: KnownPage): Ended => line ?? tracked ?? { attempt: 0, outcome: 'left' };

const marksOf = ({ line, tracked }: KnownPage): number =>
  (line?.unchanged ? PAGE_MARKS.unchanged : 0) |
  (tracked?.recovered ? PAGE_MARKS.recovered : 0) |
  (line?.standIn && line.outcome === 'failed' ? PAGE_MARKS.originalInPlace : 0) |
  (line && !tracked ? PAGE_MARKS.earlier : 0);

/** A page whose output has the page's own name, or that with another suffix, has that in common with most others. */
function outputAt(id: PageId, line: LedgerLine | undefined, forms: TextTable): number {
  const output = line?.output ?? (line?.standIn && line.outcome === 'failed' ? line.standIn : null);
  if (!output) return -1;
  const shown = shownOutput(output.path);
  const dot = id.lastIndexOf('.');
  const stem = dot > id.lastIndexOf('/') + 1 ? id.slice(0, dot) : id;
  const rest = shown.startsWith(stem) ? shown.slice(stem.length) : undefined;
  return forms.placeOf(rest === undefined || rest.includes('/') ? `/${shown}` : `*${rest}`) ?? -1;
}
