/** The first of each list, then the second of each, and so on: `most` at the most. */
export function inTurn<T>(lists: readonly (readonly T[])[], most: number): T[] {
  const found: T[] = [];
  const longest = Math.max(0, ...lists.map(({ length }) => length));
  for (let at = 0; at < longest; at += 1) {
    for (const list of lists) {
      if (found.length >= most) return found;
      const one = list[at];
      if (one !== undefined) found.push(one);
    }
  }
  return found;
}
