import type { FailureReason } from '../model/outcome.ts';
import type { TroubledPage } from './summary-schema.ts';

/** What to do about pages that failed for a reason; undefined where their messages say it all. */
export function hintFor(reason: FailureReason, pages: readonly TroubledPage[]): string | undefined {
  switch (reason) {
    case 'oom':
      return "not enough GPU memory for these pages: run one worker per GPU (--workers-per-gpu 1), or set smaller sizes in the translator's own options";
    case 'unreadable':
      return pages.some(({ page, message }) => /\\x[0-9a-f]{2}/.test(page) || /UTF-8/i.test(message ?? ''))
        ? 'fix names that are not UTF-8 (Shift-JIS archives): convmv -f shift-jis -t utf-8 -r --notest FOLDER'
        : 'these files are damaged or not images: open one in a viewer, or download it again';
    case 'timeout': {
      const unstarted = pages.filter(({ message = '' }) => /^no page started within/.test(message)).length;
      const options = [
        ...(unstarted < pages.length || unstarted === 0 ? ['--page-timeout'] : []),
        ...(unstarted > 0 ? ['--start-timeout'] : []),
      ];
      return `if these pages need more time, raise ${options.join(' or ')} (0 turns it off)`;
    }
    case 'collision':
      return 'rename one of each pair, or leave it out with --exclude';
    case 'not-tried':
      return 'no working GPU was left: see above and the logs, then run the same command again';
    case 'crash':
    case 'error':
    case 'no-output':
    case 'bad-output':
      return "see the logs for the translator's output";
  }
}
