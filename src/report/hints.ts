import path from 'node:path';
import { escapeControls } from '../model/escape-controls.ts';
import type { FailureReason } from '../model/outcome.ts';
import type { TroubledPage } from './summary-schema.ts';

const NAMED_LOGS = 3;

/** Where pages' workers wrote what they said. `output`: the output folder. */
function whereItIs(pages: readonly TroubledPage[], output: string | undefined): string {
  const logs = [...new Set(pages.flatMap(({ log }) => log ?? []))];
  if (output === undefined) return "see the logs for the translator's output";
  if (logs.length === 0)
    return `see the translator's output in the logs of the run that had them: ${shortPath(path.join(output, '.mgpu/runs'))}`;
  const folders = logs.map((log) => path.dirname(log));
  const named = logs
    .slice(0, NAMED_LOGS)
    .map((log, at) =>
      folders[at] === folders[at - 1] ? path.basename(log) : shortPath(path.join(output, log)),
    );
  const rest = logs.length - named.length;
  return `see the translator's output: ${named.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}

/** A path relative to the current folder where it lies in there. */
function shortPath(file: string): string {
  const relative = path.relative('', file);
  return escapeControls(relative.startsWith('..') ? file : relative);
}

/** What to do about pages that failed for a reason; undefined where their messages say it all. */
export function hintFor(
  reason: FailureReason,
  pages: readonly TroubledPage[],
  output: string | undefined,
): string | undefined {
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
      return whereItIs(pages, output);
  }
}
