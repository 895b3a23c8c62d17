import path from 'node:path';
import { SlotLog } from './log-excerpt.ts';
import type { KnownPage } from './page-columns.ts';

const MOST_PAGES = 200;

/** Where a page's worker wrote what it said, and when the page was at work. */
interface Wanted {
  readonly at: number;
  readonly startMs: number;
  readonly endMs: number;
}

/** What is logged of a page may come a moment later than its end is told, in another process's time. */
const LATER_MS = 100;

/**
 * The last lines that workers said about the first failed and untranslated pages of this run, by their places. `state`: the
 * output's `.mgpu`. Logs that can't be read have none.
 */
export async function pageLogs(
  pages: readonly KnownPage[],
  { state, redact }: { readonly state: string; readonly redact: (text: string) => string },
): Promise<Record<number, string>> {
  const excerpts: Record<number, string> = {};
  for (const [file, wanted] of byLog(pages, state)) {
    const log = await SlotLog.open(file);
    if (log === undefined) continue;
    try {
      for (const { at, startMs, endMs } of wanted) {
        const said = await log.excerpt({ startMs, endMs: endMs + LATER_MS });
        if (said !== '') excerpts[at] = redact(said);
      }
    } finally {
      await log.close();
    }
  }
  return excerpts;
}

/** Failed pages first. */
function byLog(pages: readonly KnownPage[], state: string): Map<string, Wanted[]> {
  const logs = new Map<string, Wanted[]>();
  let room = MOST_PAGES;
  for (const outcome of ['failed', 'untranslated'] as const) {
    for (const [at, { tracked, track }] of pages.entries()) {
      if (track === undefined || tracked?.slot === undefined || tracked.outcome !== outcome) continue;
      if (room === 0) return logs;
      room -= 1;
      const { slot, startMs, endMs } = tracked;
      // Both are names of folders and files: what else an events file may say leads nowhere.
      const file = path.join(state, 'runs', path.basename(track.run), 'logs', `${path.basename(slot)}.log`);
      const wanted = logs.get(file) ?? [];
      logs.set(file, wanted);
      wanted.push({ at, startMs, endMs });
    }
  }
  return logs;
}
