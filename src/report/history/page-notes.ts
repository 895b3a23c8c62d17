import path from 'node:path';
import type { PageId } from '../../model/page.ts';
import { listRuns } from '../../store/runs.ts';
import { notesOf } from '../page-notes.ts';
import { eventIn, readLines } from './read-events.ts';

/** What a worker noted on a page, and when: ISO 8601. */
interface Noted {
  readonly notes: readonly string[];
  readonly time: string;
}

/**
 * The last notes on each page that has some, of all runs that are left. The ledger has none, as it is held in memory. `folder`:
 * `OUTPUT/.mgpu/runs`. Throws as `readEvents` does.
 */
export async function pageNotes(folder: string): Promise<Map<PageId, Noted>> {
  const noted = new Map<PageId, Noted>();
  for (const run of await listRuns(folder)) {
    for await (const lines of readLines(path.join(folder, run, 'events.ndjson'))) {
      for (const line of lines) {
        // Nearly all lines have none, and to parse them takes most of the time of a report.
        const event = line.includes('"notes":[') ? eventIn(line) : undefined;
        if (event?.type !== 'page-finished') continue;
        const notes = notesOf(event);
        if (notes.length > 0) noted.set(event.page, { notes, time: event.time });
      }
    }
  }
  return noted;
}
