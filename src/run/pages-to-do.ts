import type { Page } from '../model/page.ts';
import { isOddPath } from '../pages/refused-name.ts';
import { describeOfSystem, earlierOutputsLeftOut, type Sightings } from '../pages/sightings.ts';
import type { ArchivePacker } from '../store/archives/archive-packer.ts';
import type { LedgerWriter } from '../store/ledger/ledger.ts';
import type { NameCheck } from '../store/outputs/name-check.ts';
import type { PageRecorder } from '../store/outputs/recorder.ts';
import type { PageFinder, SortedChunk } from '../store/resume/sort-pages.ts';
import { foldersFound } from './folders-found.ts';
import { noticesOfWalk } from './pages-of-inputs.ts';
import type { RunEvents } from './run-events.ts';

/** Who hears of the pages that have their end before any worker. */
interface PagesToDoSetup {
  readonly finder: PageFinder;
  readonly recorder: PageRecorder;
  readonly ledger: LedgerWriter;
  readonly names: NameCheck;
  readonly packer: ArchivePacker | undefined;
  /** Brings outputs of earlier runs to where they belong. */
  readonly bring: (brought: SortedChunk['brought']) => Promise<void>;
  /** Says which pages wait for archives that are gone. */
  readonly waitingPages: () => Promise<string | undefined>;
  readonly events: RunEvents;
  /** What the walk saw beside pages; complete once the chunks are. */
  readonly seen: Sightings;
  /** Pages come in the order of a list, so pages of one folder need not stand together. */
  readonly anyOrder: boolean;
  /** How many pages to do are left out of a sample, once all are found. */
  readonly restOf?: () => number;
  readonly stop: AbortSignal;
}

/** The pages to do, as they are found; the others have their end here. */
export async function* pagesToDo(
  chunks: AsyncIterable<SortedChunk>,
  {
    finder,
    recorder,
    ledger,
    names,
    packer,
    bring,
    waitingPages,
    events,
    seen,
    anyOrder,
    restOf,
    stop,
  }: PagesToDoSetup,
): AsyncGenerator<readonly Page[]> {
  let pages = 0;
  let skipped = 0;
  for await (const chunk of chunks) {
    pages += chunk.todo.length + chunk.skipped + chunk.unreadable.length + chunk.collisions.length;
    skipped += chunk.skipped;
    for (const folders of foldersFound(chunk)) {
      events.emit({ type: 'folders-found', folders, ...(anyOrder && { anyOrder }) });
    }
    await bring(chunk.brought);
    await packer?.found(chunk);
    await Promise.all(chunk.lines.map((line) => ledger.append(line)));
    for (const page of chunk.unreadable) {
      await recorder.failed(page, 'unreadable', { attempt: 0, message: page.unreadable ?? '' });
    }
    for (const { page, with: other } of chunk.collisions) {
      const message = `its output has the same name as that of ${other}`;
      await recorder.failed(page, 'collision', { attempt: 0, message });
    }
    events.found(chunk.todo);
    const todo: Page[] = [];
    for (const page of chunk.todo) {
      const message = isOddPath(page.id) ? await names.troubleWith(page.id) : undefined;
      if (message === undefined) todo.push(page);
      else await recorder.failed(page, 'error', { attempt: 0, message });
    }
    if (todo.length > 0) yield todo;
    if (stop.aborted) break;
  }
  const waiting = await waitingPages();
  if (waiting !== undefined) events.notice('info', waiting);
  for (const { level, text } of [...finder.notices, ...noticesOfWalk(seen)]) events.notice(level, text);
  const ofSystem = describeOfSystem(seen.ofSystem);
  if (ofSystem !== undefined) events.notice('info', `Not included: ${ofSystem}.`);
  const outputs = earlierOutputsLeftOut(seen);
  if (outputs !== undefined) events.notice('info', outputs);
  const rest = restOf?.() ?? 0;
  const later = rest > 0 ? rest + (finder.later ?? 0) : finder.later;
  const more = rest > 0 || !finder.isWhole;
  events.emit({
    type: 'pages-found',
    pages,
    skipped,
    ...(more && { more }),
    ...(more && later && { later }),
  });
}
