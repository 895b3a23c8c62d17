import type { FailureReason } from '../model/outcome.ts';
import type { TroubledPage } from './summary-schema.ts';

/** What to do about pages that failed for a reason; undefined where their messages say it all. */
export function hintFor(reason: FailureReason, pages: readonly TroubledPage[]): string | undefined {
  switch (reason) {
    case 'oom':
      return "the page needs more memory than the card had: one worker a GPU (--workers-per-gpu 1), or smaller sizes in the translator's own options";
    case 'unreadable':
      return pages.some(({ page, message }) => /\\x[0-9a-f]{2}/.test(page) || /UTF-8/i.test(message ?? ''))
        ? 'names that are not UTF-8 (Shift-JIS archives) are mended by: convmv -f shift-jis -t utf-8 -r --notest FOLDER'
        : 'these files are damaged or no images: open one in a viewer, or get it again';
    case 'timeout':
      return 'pages that need longer: raise --page-timeout (0 turns it off)';
    case 'collision':
      return 'rename one of each pair, or leave it out with --exclude';
    case 'not-tried':
      return 'no GPU was left that works: see above and the logs, then go on';
    case 'crash':
    case 'error':
    case 'no-output':
    case 'bad-output':
      return "the translator's own words are in the logs";
  }
}
