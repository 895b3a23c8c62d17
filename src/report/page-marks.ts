import type { PageFinished } from '../model/events.ts';
import { round3 } from './format.ts';
import type { RunSummary } from './run-summary.ts';

/** How many pages have what is told of them besides their outcome. */
export class PageMarks {
  #unchanged = 0;
  #recovered = 0;
  #originalsInPlace = 0;
  #staged = 0;
  #waitSeconds: number | undefined;

  add({ unchanged, recovered, originalInPlace, staged, waitSeconds }: PageFinished): void {
    if (staged) this.#staged += 1;
    if (waitSeconds !== undefined) this.#waitSeconds = (this.#waitSeconds ?? 0) + waitSeconds;
    if (unchanged) this.#unchanged += 1;
    if (recovered) this.#recovered += 1;
    if (originalInPlace) this.#originalsInPlace += 1;
  }

  get #input(): NonNullable<RunSummary['input']> {
    const waited = this.#waitSeconds !== undefined && { waitSeconds: round3(this.#waitSeconds) };
    return { stagedPages: this.#staged, ...waited };
  }

  /** As a summary has them: those that were there from the start always, the others where there are some. */
  get counts(): Pick<RunSummary, 'unchanged' | 'recovered' | 'originalsInPlace' | 'input'> {
    return {
      unchanged: this.#unchanged,
      ...(this.#recovered > 0 && { recovered: this.#recovered }),
      ...(this.#originalsInPlace > 0 && { originalsInPlace: this.#originalsInPlace }),
      ...((this.#staged > 0 || this.#waitSeconds !== undefined) && { input: this.#input }),
    };
  }
}
