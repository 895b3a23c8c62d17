import type { Slot, SlotId } from '../model/slot.ts';
import { withoutParticulars } from '../workers/last-words.ts';
import type { Beside } from './assignment.ts';

/** Starts in a row that may fail with the same words on a slot while another worker of its device is there. */
const MOST_CROWDED = 2;
/** Starts that fail with the same words while nobody is there: company is not the cause then. */
const MOST_ALONE = 2;
/** Starts with the same words before nothing seems to start anywhere, and as many of them while nobody else was loading. */
const FEWEST_SAME = 3;
const FEWEST_ALONE = 2;

/** What a start that failed says. */
export type FailedStart =
  /** Too many workers on the device, perhaps: it is tried again. */
  | { readonly by: 'crowded' }
  /** The slot has no place on its device. */
  | { readonly by: 'no-room' }
  /** Others were loading: it is tried again when nobody is. */
  | { readonly by: 'together' }
  /**
   * It was alone, or company makes no difference: the device is to blame, or a page that the program got with its start.
   * `isNotTogether`: starts that failed together did not do so because they were together.
   */
  | { readonly by: 'device'; readonly isNotTogether: boolean };

/** Keeps count of workers that did not start. Pure bookkeeping. */
export class SlotStarts {
  readonly #crowded = new Map<SlotId, { readonly words: string; readonly times: number }>();
  /** How often words came from starts that had no company. */
  readonly #alone = new Map<string, number>();
  /** The words of the last start that failed while others loaded. */
  #together: string | undefined;
  #failed: { readonly slot: SlotId; readonly words: string; readonly alone: boolean }[] = [];

  failed(slot: Slot, lastWords: string, { ofDevice, loading }: Beside): FailedStart {
    const words = withoutParticulars(lastWords);
    const alone = this.#alone.get(words) ?? 0;
    this.#failed.push({ slot: slot.id, words: lastWords, alone: !loading });
    if (!ofDevice && !loading) this.#alone.set(words, alone + 1);
    if ((!ofDevice && !loading) || alone >= MOST_ALONE) {
      return { by: 'device', isNotTogether: alone + 1 >= MOST_ALONE && this.#together === words };
    }
    if (!ofDevice) {
      this.#together = words;
      return { by: 'together' };
    }
    const before = this.#crowded.get(slot.id);
    const times = before?.words === words ? before.times + 1 : 1;
    this.#crowded.set(slot.id, { words, times });
    return { by: times < MOST_CROWDED ? 'crowded' : 'no-room' };
  }

  /** A page is done on the slot: what failed before says nothing of all. */
  worked(slot: Slot): void {
    this.#failed = [];
    this.#crowded.delete(slot.id);
  }

  /** True where all starts that failed lately did so with the same words. */
  get areAlike(): boolean {
    const all = new Set(this.#failed.map(({ words }) => withoutParticulars(words)));
    return all.size === 1;
  }

  /** The words of the last start, where every slot's failed with the same and no worker ever started. */
  sameWords(slots: readonly SlotId[]): string | undefined {
    if (this.#failed.length < Math.max(FEWEST_SAME, slots.length)) return undefined;
    if (!this.areAlike) return undefined;
    if (this.#failed.filter(({ alone }) => alone).length < FEWEST_ALONE) return undefined;
    const heard = new Set(this.#failed.map(({ slot }) => slot));
    return slots.every((slot) => heard.has(slot)) ? this.#failed.at(-1)?.words : undefined;
  }
}
