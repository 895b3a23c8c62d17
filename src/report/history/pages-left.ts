import path from 'node:path';
import type { RunEvent } from '../../model/events.ts';
import type { PageId } from '../../model/page.ts';
import { listRuns, partOfRun } from '../../store/runs.ts';
import { readEvents } from './read-events.ts';

/**
 * The pages that the last run, or the last run of each part of it, was to do and has not done, each once, whether it ended by
 * itself or was killed. `folder`: `OUTPUT/.mgpu/runs`. Throws as `readEvents` does.
 */
export async function pagesLeft(folder: string): Promise<PageId[]> {
  const left = new Set<PageId>();
  for (const run of lastRuns(await listRuns(folder))) {
    for await (const events of readEvents(path.join(folder, run, 'events.ndjson')))
      for (const event of events) addLeft(left, event);
  }
  return [...left];
}

function addLeft(left: Set<PageId>, event: RunEvent): void {
  switch (event.type) {
    case 'pages-to-do':
    case 'pages-left':
      for (const page of event.pages) left.add(page);
      break;
    case 'page-started':
      // A run of version 0.1.0 that was killed says of no other page that it was to do.
      left.add(event.page);
      break;
    case 'page-finished':
      left.delete(event.page);
  }
}

/** The last of these runs; where it had a part of a job, the last run of each of its parts. */
function lastRuns(runs: readonly string[]): Iterable<string> {
  const last = runs.at(-1);
  if (last === undefined) return [];
  const of = partOfRun(last)?.of;
  if (of === undefined) return [last];
  const ofParts = runs.filter((run) => partOfRun(run)?.of === of);
  return new Map(ofParts.map((run) => [partOfRun(run)?.index, run])).values();
}
