/** Something measured of a page: seconds, bytes. `megapixels` is undefined where its size is not known. */
export interface CostPoint {
  readonly megapixels: number | undefined;
  readonly value: number;
}

/** What a page costs by its size: `base` for any page, and so much for each megapixel. Neither is negative. */
export interface CostLine {
  readonly base: number;
  readonly perMegapixel: number;
}

/** Fewer pages show a slope by chance. */
const LEAST_POINTS = 6;
/** Nor do pages that hardly differ in size: their spread (standard deviation by mean) times the root of their number. */
const LEAST_EVIDENCE = 1;
const ROUNDS = 8;
/** So many deviations from the line a page counts fully; beyond them the less, the further off it is. */
const FULL_WEIGHT = 1.5;
/** A page counts with at most so many deviations above the line, or so many times the line: a longer wait is no cost of pages. */
const MOST_ABOVE = 4;
const MOST_TIMES = 3;
/** Of a page's value, where pages hardly deviate at all. */
const LEAST_DEVIATION = 0.02;

/** What a page of this size costs. */
export const costAt = ({ base, perMegapixel }: CostLine, megapixels: number): number =>
  base + perMegapixel * megapixels;

/**
 * The line through what was measured, by reweighted least squares on relative deviations: some pages that took far longer
 * than others of their size hardly move it. It predicts sums: over the points it comes to what they took, but for these pages.
 * Few points, or ones of one size, give a mean, by pixels where sizes are known. Undefined of no points.
 */
export function fitLine(points: readonly CostPoint[]): CostLine | undefined {
  const sized = points.flatMap(({ megapixels, value }) =>
    megapixels !== undefined && megapixels > 0 ? [{ x: megapixels, y: value }] : [],
  );
  if (sized.length === 0) {
    if (points.length === 0) return undefined;
    const values = points.map(({ value }) => ({ x: 0, y: value }));
    return calibrated({ base: median(values.map(({ y }) => y)), perMegapixel: 0 }, values);
  }
  let line: CostLine = { base: 0, perMegapixel: median(sized.map(({ x, y }) => y / x)) };
  if (sized.length >= LEAST_POINTS && spreadOf(sized) * Math.sqrt(sized.length) >= LEAST_EVIDENCE)
    for (let round = 0; round < ROUNDS; round += 1) line = refined(line, sized);
  return calibrated(line, sized);
}

interface Point {
  readonly x: number;
  readonly y: number;
}

/** One round: the line of least squares, each point weighted by how near it is to the line so far. */
function refined(line: CostLine, points: readonly Point[]): CostLine {
  const full = FULL_WEIGHT * deviationOf(line, points);
  let [w, wx, wy, wxx, wxy] = [0, 0, 0, 0, 0];
  for (const { x, y } of points) {
    const expected = costAt(line, x);
    const off = Math.abs(y - expected) / expected;
    const weight = (off > full ? full / off : 1) / expected ** 2;
    w += weight;
    wx += weight * x;
    wy += weight * y;
    wxx += weight * x * x;
    wxy += weight * x * y;
  }
  const spread = w * wxx - wx * wx;
  const perMegapixel = spread > 0 ? (w * wxy - wx * wy) / spread : -1;
  const base = (wy - perMegapixel * wx) / w;
  if (perMegapixel <= 0) return { base: wy / w, perMegapixel: 0 };
  return base < 0 ? { base: 0, perMegapixel: wxy / wxx } : { base, perMegapixel };
}

/** The line raised or lowered to what the points took together, each cut to what is no surprise. */
function calibrated(line: CostLine, points: readonly Point[]): CostLine {
  const most = Math.max(MOST_TIMES, 1 + MOST_ABOVE * deviationOf(line, points));
  let [took, expected] = [0, 0];
  for (const { x, y } of points) {
    const cost = costAt(line, x);
    took += Math.min(y, cost * most);
    expected += cost;
  }
  const times = expected > 0 ? took / expected : 1;
  return { base: line.base * times, perMegapixel: line.perMegapixel * times };
}

/** The usual deviation from the line, as a share of what it says. */
function deviationOf(line: CostLine, points: readonly Point[]): number {
  const off = points.map(({ x, y }) => {
    const expected = costAt(line, x);
    return expected > 0 ? Math.abs(y - expected) / expected : 0;
  });
  return Math.max(LEAST_DEVIATION, 1.4826 * median(off));
}

function spreadOf(points: readonly Point[]): number {
  const mean = points.reduce((sum, { x }) => sum + x, 0) / points.length;
  const variance = points.reduce((sum, { x }) => sum + (x - mean) ** 2, 0) / points.length;
  return Math.sqrt(variance) / mean;
}

function median(values: readonly number[]): number {
  const ascending = Float64Array.from(values).sort();
  const middle = ascending.length >> 1;
  const upper = ascending[middle] ?? 0;
  return ascending.length % 2 === 1 ? upper : ((ascending[middle - 1] ?? 0) + upper) / 2;
}
