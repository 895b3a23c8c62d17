/** Where a program's log names a page: as it begins it, as it is done with it, or anywhere else (a list of all pages first). */
type Place = 'start' | 'end' | 'elsewhere';

/** When a program names its pages, by majority of what its children did so far: one program, one habit. */
export class NamingHabit {
  readonly #seen: Record<Place, number> = { start: 0, end: 0, elsewhere: 0 };

  saw(place: Place): void {
    this.#seen[place] += 1;
  }

  /** True where most names mark the beginning of a page; undefined while nothing is known. */
  get marksStarts(): boolean | undefined {
    const { start, end, elsewhere } = this.#seen;
    return start + end + elsewhere === 0 ? undefined : start > end + elsewhere;
  }

  /** True where most names mark the end of a page. */
  get marksEnds(): boolean {
    const { start, end, elsewhere } = this.#seen;
    return end > start + elsewhere;
  }
}
