import type { PageFinished } from '../model/events.ts';

/** How many pages have what is told of them besides their outcome. */
export class PageMarks {
  #unchanged = 0;
  #recovered = 0;
  #originalsInPlace = 0;

  add({ unchanged, recovered, originalInPlace }: PageFinished): void {
    if (unchanged) this.#unchanged += 1;
    if (recovered) this.#recovered += 1;
    if (originalInPlace) this.#originalsInPlace += 1;
  }

  /** As a summary has them: those that were there from the start always, the others where there are some. */
  get counts(): { unchanged: number; recovered?: number; originalsInPlace?: number } {
    return {
      unchanged: this.#unchanged,
      ...(this.#recovered > 0 && { recovered: this.#recovered }),
      ...(this.#originalsInPlace > 0 && { originalsInPlace: this.#originalsInPlace }),
    };
  }
}
