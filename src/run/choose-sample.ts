/**
 * Some of the items, spread over all of them and over their sizes: one from each of `count` stretches of equal length, each
 * time the one whose rank by size comes nearest to what is wanted there. Always the same of the same items, in their order.
 */
export function chooseSample<T>(
  items: readonly T[],
  { count, sizeOf }: { readonly count: number; readonly sizeOf: (item: T) => number },
): readonly T[] {
  if (count >= items.length) return items;
  const ranks = ranksOf(items.map(sizeOf));
  return Array.from({ length: count }, (_, nth) => {
    const from = Math.floor((nth * items.length) / count);
    const end = Math.floor(((nth + 1) * items.length) / count);
    const wanted = spreadPlace(nth);
    let best = from;
    for (let at = from; at < end; at += 1) {
      if (Math.abs((ranks[at] ?? 0) - wanted) < Math.abs((ranks[best] ?? 0) - wanted)) best = at;
    }
    return best;
  }).flatMap((at) => items[at] ?? []);
}

/** Where each value stands among all of them, from 0 to 1; equal ones in the middle of their ranks. */
function ranksOf(values: readonly number[]): readonly number[] {
  const ascending = [...values.keys()].sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0));
  const ranks = new Array<number>(values.length).fill(0);
  for (let at = 0; at < ascending.length; ) {
    let end = at + 1;
    while (end < ascending.length && values[ascending[end] ?? 0] === values[ascending[at] ?? 0]) end += 1;
    for (let n = at; n < end; n += 1) ranks[ascending[n] ?? 0] = (at + end) / 2 / ascending.length;
    at = end;
  }
  return ranks;
}

/** The nth of places between 0 and 1 that fill the gaps evenly: 1/2, 1/4, 3/4, 1/8, … (van der Corput). */
function spreadPlace(nth: number): number {
  let [place, step] = [0, 0.5];
  for (let rest = nth + 1; rest > 0; rest >>= 1) {
    if (rest % 2 === 1) place += step;
    step /= 2;
  }
  return place;
}
