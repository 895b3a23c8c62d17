import { gpuName } from '../model/slot.ts';
import { withoutParticulars } from '../workers/last-words.ts';
import type { HopelessRun } from './assignment.ts';
import type { Circumstances, CommonCause } from './common-cause.ts';
import type { DevicesAndSlots } from './devices-and-slots.ts';

/** A worker's last lines that a run's last message carries. */
const SHOWN_LINES = 6;
/** Pages with which a program has to end before its first sign, until it seems that it does so with any. */
const FEWEST_PAGES = 3;

interface Policy {
  readonly common: Pick<CommonCause, 'words' | 'hasWorked' | 'failedPages' | 'hasHeardFarOff'>;
  readonly places: Pick<DevicesAndSlots, 'isAnyLeft' | 'wordsOfStarts' | 'health' | 'struckOut'>;
}

/** What is known when nobody is at work. */
export interface Standstill extends Circumstances {
  readonly takes: 'page' | 'batch';
  /** Pages are left. */
  readonly hasWork: boolean;
  readonly lastLines: readonly string[];
}

/** Why nothing can go well, where that is so; to be asked while nobody is at work. */
export function whyHopeless({ common, places }: Policy, standstill: Standstill): HopelessRun | undefined {
  const { hasWork, lastLines } = standstill;
  const lines = lastLines.slice(-SHOWN_LINES);
  const words = common.words(standstill);
  if (words !== undefined) {
    const now = common.hasWorked ? ' now' : '';
    return { message: `every page fails the same way${now}: ${words}`, lines: besides(words, lines) };
  }
  if (places.isAnyLeft || !hasWork) return undefined;
  return nobodyLeft(places, { hasWorked: common.hasWorked, lines });
}

/** Why no worker starts anywhere, where that is so; to be asked while none is ready. */
export function whyNothingStarts(policy: Policy, standstill: Standstill): HopelessRun | undefined {
  const words = wordsOfStarts(policy, standstill);
  return words === undefined ? undefined : sameEnd(words, standstill.lastLines.slice(-SHOWN_LINES));
}

/**
 * The words of all starts, where no worker seems to start. Of programs that get their pages with their start a page from
 * elsewhere has its say first: they may have died of the pages.
 */
export function wordsOfStarts(
  { common, places }: Policy,
  { takes, maySample, hasDoneBefore }: Pick<Standstill, 'takes' | 'maySample' | 'hasDoneBefore'>,
): string | undefined {
  const pages = new Set(common.failedPages).size;
  const isHeard = !hasDoneBefore && pages >= FEWEST_PAGES && (common.hasHeardFarOff || !maySample);
  return takes === 'page' || isHeard ? places.wordsOfStarts : undefined;
}

function nobodyLeft(
  { health, struckOut }: Policy['places'],
  { hasWorked, lines }: { readonly hasWorked: boolean; readonly lines: readonly string[] },
): HopelessRun {
  const words = struckOut.map((gpu) => health.lastWordsOn(gpu));
  const [first] = words;
  const isSame = first !== undefined && words.every((other) => areAlike(other, first));
  if (isSame && !hasWorked) return sameEnd(first, lines);
  return {
    message: struckOut.length > 0 ? 'no usable GPU is left: each one was disabled' : 'no slot is left',
    hint: "see the workers' logs for the rest of their output",
    lines: struckOut.map((gpu, at) => `${gpuName(gpu)}: ${words[at] ?? 'no output'}`).slice(0, SHOWN_LINES),
  };
}

const sameEnd = (words: string, lines: readonly string[]): HopelessRun => ({
  message: `every worker fails the same way, and no page was finished: ${words}`,
  lines: besides(words, lines),
});

/** None where the only one is said already. */
const besides = (words: string, lines: readonly string[]): readonly string[] =>
  lines.every((line) => words.includes(line.trim())) ? [] : lines;

const areAlike = (one: string | undefined, other: string): boolean =>
  one !== undefined && withoutParticulars(one) === withoutParticulars(other);
