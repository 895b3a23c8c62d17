import type { PageFinished } from '../model/events.ts';
import { shorten } from './escape.ts';
import type { NotesSummary } from './run-summary.ts';

const MOST_NOTES = 10;
const NOTE_CHARACTERS = 200;
const LISTED_PAGES = 1000;
/** Of all pages that are listed. */
const LISTED_CHARACTERS = 200_000;

/** Short texts that a worker gave with a page; events of other versions may have anything there. */
export function notesOf(event: object): readonly string[] {
  const notes: unknown = 'notes' in event ? event.notes : undefined;
  if (!Array.isArray(notes)) return [];
  return notes
    .filter((note): note is string => typeof note === 'string' && note !== '')
    .slice(0, MOST_NOTES)
    .map((note) => shorten(note, NOTE_CHARACTERS));
}

/** Pages on which workers noted something: all are counted, the first are listed. */
export class PageNotes {
  #count = 0;
  #room = LISTED_CHARACTERS;
  readonly #pages: NotesSummary['pages'] = [];

  add(event: Pick<PageFinished, 'page' | 'notes'>): void {
    if (event.notes === undefined) return;
    const notes = notesOf(event);
    if (notes.length === 0) return;
    this.#count += 1;
    this.#room -= notes.reduce((sum, note) => sum + note.length, event.page.length);
    if (this.#room >= 0 && this.#pages.length < LISTED_PAGES)
      this.#pages.push({ page: event.page, notes: [...notes] });
  }

  /** As a summary has them; nothing where there are none. */
  get summary(): { readonly notes?: NotesSummary } {
    return this.#count === 0 ? {} : { notes: { count: this.#count, pages: [...this.#pages] } };
  }
}

/** Those of several summaries together. */
export function mergeNotes(
  summaries: readonly { readonly notes?: NotesSummary | undefined }[],
): NotesSummary | undefined {
  const all = new PageNotes();
  let more = 0;
  for (const { notes } of summaries) {
    for (const page of notes?.pages ?? []) all.add(page);
    more += (notes?.count ?? 0) - (notes?.pages.length ?? 0);
  }
  const { notes } = all.summary;
  return notes && { ...notes, count: notes.count + more };
}
