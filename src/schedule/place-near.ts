/** So many are looked at, from the place to the end and then back from the place. */
const LOOKED_AT = 300;

/**
 * The index at a place (0: the first, 1: the last) of a list, or of the nearest one behind it that suits, else before it.
 * Where none of the next few hundred suits, the place itself; -1 of an empty list.
 */
export function placeNear(length: number, place: number, suits: (index: number) => boolean): number {
  const at = Math.min(length - 1, Math.floor(Math.min(1, Math.max(0, place)) * length));
  const behind = Math.min(length, at + LOOKED_AT);
  for (let index = at; index < behind; index += 1) if (suits(index)) return index;
  const left = LOOKED_AT - (behind - at);
  for (let index = at - 1; index >= Math.max(0, at - left); index -= 1) if (suits(index)) return index;
  return at;
}
