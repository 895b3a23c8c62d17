import { OUTCOME_LETTERS, PAGE_MARKS, type ReportData } from '../report/html/report-data.ts';

export type PageOutcome = keyof typeof OUTCOME_LETTERS;

/** Outcomes in the order in which they are shown, with their names. */
export const OUTCOME_NAMES: Readonly<Record<PageOutcome, string>> = {
  failed: 'Failed',
  untranslated: 'Untranslated',
  left: 'Left',
  translated: 'Translated',
  'no-text': 'No text',
};
export const SHOWN_OUTCOMES: readonly PageOutcome[] = [
  'failed',
  'untranslated',
  'left',
  'translated',
  'no-text',
];

const OUTCOME_OF: Readonly<Record<string, PageOutcome>> = Object.fromEntries(
  Object.entries(OUTCOME_LETTERS).map(([outcome, letter]) => [letter, outcome as PageOutcome]),
);

/** The pages of a report by their place in the columns. Times are in seconds since the run's start. */
export class PageTable {
  readonly length: number;
  readonly #data: ReportData;
  /** When each page ended, in hundredths of a second. */
  readonly #ends: Float64Array;
  #searched: readonly string[] | undefined;

  constructor(data: ReportData) {
    this.#data = data;
    const { end, name } = data.pages;
    this.length = name.length;
    this.#ends = new Float64Array(end.length);
    let at = 0;
    for (const [index, step] of end.entries()) {
      at += step;
      this.#ends[index] = at;
    }
  }

  folder(at: number): string {
    const { folder, folders } = this.#data.pages;
    return folders[folder[at] ?? -1] ?? '';
  }

  name(at: number): string {
    return this.#data.pages.name[at] ?? '';
  }

  id(at: number): string {
    const folder = this.folder(at);
    return folder === '' ? this.name(at) : `${folder}/${this.name(at)}`;
  }

  outcome(at: number): PageOutcome {
    return OUTCOME_OF[this.#data.pages.outcome.charAt(at)] ?? 'left';
  }

  attempts(at: number): number {
    return this.#data.pages.attempts[at] ?? 0;
  }

  /** Place among the report's slots; -1 where this run did not try it. */
  slot(at: number): number {
    return this.#data.pages.slot[at] ?? -1;
  }

  reason(at: number): string | undefined {
    const { reason, reasons } = this.#data.pages;
    return reasons[reason[at] ?? -1];
  }

  message(at: number): string | undefined {
    const { message, messages } = this.#data.pages;
    return messages[message[at] ?? -1];
  }

  notes(at: number): readonly string[] {
    return this.#data.pages.notes[at] ?? [];
  }

  log(at: number): string | undefined {
    return this.#data.logs[at];
  }

  /** Undefined where nothing told it. */
  seconds(at: number): number | undefined {
    const seconds = this.#data.pages.seconds[at] ?? -1;
    return seconds < 0 ? undefined : seconds / 100;
  }

  /** When a slot worked on it; undefined where this run did not finish it. */
  span(at: number): { readonly start: number; readonly end: number } | undefined {
    const span = this.#data.pages.span[at] ?? -1;
    if (span < 0) return undefined;
    const end = this.#ends[at] ?? 0;
    return { start: (end - span) / 100, end: end / 100 };
  }

  isUnchanged(at: number): boolean {
    return this.#has(at, PAGE_MARKS.unchanged);
  }

  isRecovered(at: number): boolean {
    return this.#has(at, PAGE_MARKS.recovered);
  }

  hasOriginalInPlace(at: number): boolean {
    return this.#has(at, PAGE_MARKS.originalInPlace);
  }

  /** Done by an earlier run. */
  isEarlier(at: number): boolean {
    return this.#has(at, PAGE_MARKS.earlier);
  }

  /** Path of the result relative to the output root; undefined where there is none. */
  output(at: number): string | undefined {
    const { output, outputForms } = this.#data.pages;
    const form = outputForms[output[at] ?? -1];
    if (form === undefined) return undefined;
    if (form.startsWith('/')) return form.slice(1);
    const id = this.id(at);
    const dot = id.lastIndexOf('.');
    const stem = dot > id.lastIndexOf('/') + 1 ? id.slice(0, dot) : id;
    return stem + form.slice(1);
  }

  /** What a search looks through, in lower case: the page's path and message. */
  searched(at: number): string {
    this.#searched ??= Array.from({ length: this.length }, (_, each) =>
      `${this.id(each)}\n${this.message(each) ?? ''}`.toLowerCase(),
    );
    return this.#searched[at] ?? '';
  }

  /** The place of a page; -1 where there is none. */
  find(id: string): number {
    const folder = id.slice(0, Math.max(0, id.lastIndexOf('/')));
    const inFolder = this.#data.pages.folders.indexOf(folder);
    const name = id.slice(id.lastIndexOf('/') + 1);
    return this.#data.pages.name.findIndex(
      (each, at) => each === name && this.#data.pages.folder[at] === inFolder,
    );
  }

  #has(at: number, mark: number): boolean {
    return ((this.#data.pages.marks[at] ?? 0) & mark) !== 0;
  }
}
