import type { FailureReason } from '../../model/outcome.ts';
import { tellsOutOfMemory } from '../../translators/out-of-memory.ts';
import { mainLine, tellsException, wantedMemory } from '../../workers/last-words.ts';
import type { OneShotEnd } from '../../workers/one-shot-end.ts';
import { endInWords, lossInWords } from '../../workers/worker-end.ts';

/** A child that left pages undone. */
export interface LostChild extends OneShotEnd {
  /** What it made instead, see `OtherImages`; empty where that is nothing. */
  readonly wrote: string;
}

/** How long a child may be silent. */
export interface Limits {
  readonly pageTimeoutMs: number;
  readonly startTimeoutMs: number;
}

/** Why a page has no output after its child ended, from the child's end and its last words; pure. */
export function failureOf(
  {
    end,
    endedBy,
    lastLines,
    wrote = '',
  }: Pick<OneShotEnd, 'end' | 'endedBy' | 'lastLines'> & Partial<Pick<LostChild, 'wrote'>>,
  broken: string | undefined,
  limits: Limits,
): { reason: FailureReason; message: string } {
  const words = mainLine(lastLines);
  const tookTooLong = tooLong(endedBy, limits);
  if (tookTooLong !== undefined) return { reason: 'timeout', message: tookTooLong };
  if (tellsOutOfMemory(lastLines)) {
    const wanted = wantedMemory(lastLines.join('\n'));
    const size = wanted === undefined ? '' : ` (${wanted})`;
    return { reason: 'oom', message: `out of memory${size}: ${lineAbout(lastLines) ?? words}` };
  }
  if (broken !== undefined) return { reason: 'bad-output', message: broken };
  if (end.by !== 'exit') return { reason: 'crash', message: lossInWords(end, lastLines) };
  if (tellsException(lastLines)) return { reason: 'error', message: `${words}${wrote}` };
  const silent = words === '' ? ': no output' : '';
  return end.code === 0
    ? {
        reason: 'no-output',
        message: `ended without writing the page, with ${lossInWords(end, lastLines)}${silent}${wrote}`,
      }
    : { reason: 'crash', message: `${lossInWords(end, lastLines)}${silent}${wrote}` };
}

/** What the launcher ended a child for; undefined where the child ended by itself, or where the run tells that by itself. */
export function whyEnded({ endedBy }: Pick<OneShotEnd, 'endedBy'>, limits: Limits): string | undefined {
  switch (endedBy) {
    case 'failing':
      return 'one page failed after the other';
    case 'misplaced':
      return 'it writes its pages where no outputs are expected';
    default:
      return tooLong(endedBy, limits);
  }
}

function tooLong(endedBy: OneShotEnd['endedBy'], limits: Limits): string | undefined {
  if (endedBy === 'page-timeout') return `no output for ${limits.pageTimeoutMs / 1000} s`;
  if (endedBy === 'start-timeout') return `no page started within ${limits.startTimeoutMs / 1000} s`;
  return undefined;
}

/** What a child's end says of its cause: the limit that it ran into, its own words, or what it made instead of outputs. */
export function lastWordsOf(
  ended: Pick<LostChild, 'end' | 'endedBy' | 'lastLines' | 'finished' | 'wrote'>,
  limits: Limits,
): string {
  const { end, endedBy, lastLines, finished, wrote } = ended;
  const tookTooLong = tooLong(endedBy, limits);
  if (tookTooLong !== undefined) return tookTooLong;
  const words = mainLine(lastLines);
  if (words !== '') return `${words}${finished.length === 0 ? wrote : ''}`;
  if (finished.length > 0 || end.by !== 'exit') return endInWords(end);
  return `${endInWords(end)}, and no image with a page's name${wrote}`;
}

const lineAbout = (lines: readonly string[]): string | undefined =>
  lines.findLast((line) => tellsOutOfMemory([line]))?.trim();
