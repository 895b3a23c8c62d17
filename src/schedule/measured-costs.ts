import { type CostLine, type CostPoint, fitLine } from './cost-line.ts';

/** Points that are kept: twice as many are thinned out to these, evenly over all that was measured. */
export const KEPT_POINTS = 256;
/** The line is fitted again once there are so many times as many points. */
const GROWTH = 1.2;

/** One quantity of pages as it is measured, and its line: fitted again now and then, not for each page. */
export class MeasuredCosts {
  /** How many were measured in all. */
  count = 0;
  #points: CostPoint[] = [];
  /** Of so many that are measured one is kept. */
  #every = 1;
  #line: CostLine | undefined;
  #fitAt = 1;

  constructor(points: readonly CostPoint[] = []) {
    for (const { megapixels, value } of points) this.add(megapixels, value);
  }

  add(megapixels: number | undefined, value: number): void {
    if (this.count % this.#every === 0) this.#points.push({ megapixels, value });
    this.count += 1;
    if (this.#points.length < 2 * KEPT_POINTS) return;
    this.#points = this.#points.filter((_, at) => at % 2 === 0);
    this.#every *= 2;
  }

  /** Evenly from all that was measured. */
  get points(): readonly CostPoint[] {
    return this.#points;
  }

  /** Undefined where nothing was measured. */
  get line(): CostLine | undefined {
    if (this.count >= this.#fitAt) {
      this.#line = fitLine(this.#points);
      this.#fitAt = Math.ceil(this.count * GROWTH);
    }
    return this.#line;
  }
}
