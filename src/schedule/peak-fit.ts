/** So many of the latest samples shape the fit. */
const KEPT_SAMPLES = 200;
/** A fit is made anew after so many more samples, or this share of those that there are. */
const REFIT_SHARE = 0.1;

/** What a page took, or more than a device had for it. */
interface Sample {
  readonly pixels: number;
  readonly bytes: number;
}

/**
 * A page's peak of device memory from its pixels: a part that all pages need, and one for each pixel. No page so far has taken
 * more than it says.
 */
export class PeakFit {
  readonly #samples: Sample[] = [];
  #isStaleIn = 0;
  #base = 0;
  #perPixel = 0;

  /** A page of so many pixels took so much, or at least that much where it found no room. */
  add(pixels: number, bytes: number): void {
    this.#samples.push({ pixels, bytes });
    if (this.#samples.length > KEPT_SAMPLES) this.#samples.shift();
    this.#isStaleIn -= 1;
    if (this.#isStaleIn <= 0 || bytes > this.#base + this.#perPixel * pixels) this.#fit();
  }

  /** The peak of a page; undefined where nothing has been seen yet. */
  of(pixels: number): number | undefined {
    return this.#samples.length === 0 ? undefined : this.#base + this.#perPixel * pixels;
  }

  #fit(): void {
    const samples = this.#samples;
    this.#isStaleIn = Math.ceil(samples.length * REFIT_SHARE);
    const mean = (of: (sample: Sample) => number): number =>
      samples.reduce((sum, sample) => sum + of(sample), 0) / samples.length;
    const pixels = mean((sample) => sample.pixels);
    const bytes = mean((sample) => sample.bytes);
    const spread = mean((sample) => (sample.pixels - pixels) ** 2);
    const slope =
      spread > 0 ? mean((sample) => (sample.pixels - pixels) * (sample.bytes - bytes)) / spread : 0;
    this.#perPixel = Math.max(0, slope);
    this.#base = Math.max(...samples.map((sample) => sample.bytes - this.#perPixel * sample.pixels));
  }
}
