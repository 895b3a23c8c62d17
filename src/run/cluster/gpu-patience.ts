import { cannotRun, type Refusal } from '../../model/refusal.ts';
import { durationText, plural } from '../../report/format.ts';

const TELL_EVERY_MS = 60_000;

/** What is held of a cluster now. */
export interface Holding {
  readonly held: number;
  /** Asked for, and held by others. */
  readonly pending: number;
  /** Why the last one is gone, or could not be held. */
  readonly lastWords?: string | undefined;
}

/** What is to be said, or done, about GPUs that are waited for. */
export type Impatience =
  | { readonly by: 'tell'; readonly text: string }
  | { readonly by: 'give-up'; readonly refusal: Refusal };

/** How long a run is without a GPU: it is told each minute, and given up after a time. Pure: it is asked often, with a time. */
export class GpuPatience {
  readonly #waitMs: number;
  #withoutSinceMs: number;
  /** Since when some were asked for that are not held. */
  #shortSinceMs: number;
  #toldMs: number;
  #hasToldOfSome = false;

  /** @param waitMs `--gpu-wait`; 0: no limit */
  constructor(waitMs: number, nowMs: number) {
    this.#waitMs = waitMs;
    this.#withoutSinceMs = nowMs;
    this.#shortSinceMs = nowMs;
    this.#toldMs = nowMs;
  }

  /** Until now a GPU was held, however long nobody looked: this program may have been stopped. */
  lost(nowMs: number): void {
    this.#withoutSinceMs = nowMs;
  }

  look({ held, pending, lastWords }: Holding, nowMs: number): Impatience | undefined {
    // A GPU whose holder was lost is held again in a moment: only what lasts is told.
    const isDueSince = (sinceMs: number): boolean => nowMs - Math.max(sinceMs, this.#toldMs) >= TELL_EVERY_MS;
    if (pending === 0) this.#shortSinceMs = nowMs;
    if (held > 0) {
      this.#withoutSinceMs = nowMs;
      if (pending === 0 || this.#hasToldOfSome || !isDueSince(this.#shortSinceMs)) return undefined;
      this.#hasToldOfSome = true;
      const others = `${plural(pending, 'more GPU')} ${pending === 1 ? 'joins' : 'join'} as soon as Ray has ${pending === 1 ? 'it' : 'them'} free.`;
      return {
        by: 'tell',
        text: `${plural(held, 'GPU')} of the Ray cluster ${held === 1 ? 'is' : 'are'} at work. ${others}`,
      };
    }
    const waitedMs = nowMs - this.#withoutSinceMs;
    const isHopeless = pending === 0;
    if ((this.#waitMs > 0 && waitedMs >= this.#waitMs) || (isHopeless && this.#waitMs === 0))
      return { by: 'give-up', refusal: whyGivenUp({ held, pending, lastWords }, waitedMs) };
    if (!isDueSince(this.#withoutSinceMs)) return undefined;
    this.#toldMs = nowMs;
    return { by: 'tell', text: waitingText({ held, pending, lastWords }, waitedMs) };
  }
}

const inWords = (ms: number): string => durationText(Math.round(ms / 1000));

const waitingText = ({ pending, lastWords }: Holding, waitedMs: number): string =>
  pending > 0
    ? `Waiting for a GPU of the Ray cluster for ${inWords(waitedMs)}: ${areTaken(pending)} (ray status shows by whom; --gpu-wait 1h gives up after that time).`
    : `Waiting for a node of the Ray cluster with a GPU for ${inWords(waitedMs)}${lastWords === undefined ? '.' : `; of the last one: ${lastWords}`}`;

const areTaken = (gpus: number): string =>
  gpus === 1 ? 'the one that was asked for is not free' : `none of the ${gpus} that were asked for is free`;

const whyGivenUp = ({ pending, lastWords }: Holding, waitedMs: number): Refusal =>
  pending > 0
    ? cannotRun(
        `no GPU of the Ray cluster was free within ${inWords(waitedMs)}: ${areTaken(pending)}`,
        'ray status shows by whom; run the same command later, or with a longer --gpu-wait',
      )
    : cannotRun(
        `no GPU of the Ray cluster is left: ${lastWords ?? 'their nodes are gone'}`,
        'run the same command to resume; --gpu-wait 1h waits for nodes that come back',
      );
