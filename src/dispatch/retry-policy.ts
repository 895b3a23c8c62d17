import type { FailureReason } from '../model/outcome.ts';

/** One counted failure of a page. `gpu` null: on the CPU. */
export interface Failure {
  readonly gpu: number | null;
  readonly reason: FailureReason;
  readonly message: string;
  /** True where nothing else was at work on the card. */
  readonly hadCardAlone: boolean;
}

/** A card that can still be used. */
export interface Card {
  readonly gpu: number | null;
  readonly memoryBytes: number;
}

/** Where a failed page may be tried next: on one of these cards; `alone`: while nothing else is busy there. */
export type NextTry =
  | { readonly again: true; readonly on: readonly (number | null)[]; readonly alone: boolean }
  | { readonly again: false };

const NO_MORE: NextTry = { again: false };

/**
 * Whether and where a page is tried again. Out of memory: while nothing else is busy on its card, then on the largest
 * other card, then never. Anything else: up to `retries` more times, on a card that it has not failed on where there is
 * one, else on any other than the last, else on the same.
 *
 * @param failures what the page met so far, in order; none: it may run anywhere
 * @param cards the cards that are usable now
 */
export function nextTry(failures: readonly Failure[], retries: number, cards: readonly Card[]): NextTry {
  const everywhere = cards.map(({ gpu }) => gpu);
  const last = failures.at(-1);
  if (!last) return { again: true, on: everywhere, alone: false };
  if (failures.length > retries || cards.length === 0) return NO_MORE;
  if (last.reason === 'oom') return afterOutOfMemory(failures, last, cards);
  const failedOn = new Set(failures.map(({ gpu }) => gpu));
  const fresh = everywhere.filter((gpu) => !failedOn.has(gpu));
  const others = everywhere.filter((gpu) => gpu !== last.gpu);
  const on = [fresh, others, everywhere].find((choice) => choice.length > 0) ?? [];
  return { again: true, on, alone: false };
}

function afterOutOfMemory(failures: readonly Failure[], last: Failure, cards: readonly Card[]): NextTry {
  if (!last.hadCardAlone && cards.some(({ gpu }) => gpu === last.gpu)) {
    return { again: true, on: [last.gpu], alone: true };
  }
  const wasTooSmall = new Set(failures.filter(({ reason }) => reason === 'oom').map(({ gpu }) => gpu));
  const others = cards.filter(({ gpu }) => !wasTooSmall.has(gpu));
  if (others.length === 0 || wasTooSmall.size > 1) return NO_MORE;
  const most = Math.max(...others.map(({ memoryBytes }) => memoryBytes));
  return {
    again: true,
    on: others.filter(({ memoryBytes }) => memoryBytes === most).map(({ gpu }) => gpu),
    alone: true,
  };
}
