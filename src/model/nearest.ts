import { distance } from 'fastest-levenshtein';

/** The candidate a user most likely meant by `word`: one that begins with it, else one few typing errors away. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const meant = word.toLowerCase();
  const longer = meant.length > 1 ? candidates.filter((one) => one.toLowerCase().startsWith(meant)) : [];
  if (longer.length === 1) return longer[0];
  const mostErrors = (one: string): number =>
    Math.max(1, Math.floor(Math.max(meant.length, one.length) * 0.4));
  const near = candidates
    // Two texts have as many errors as their lengths differ by: a word of any length costs nothing.
    .filter((one) => Math.abs(meant.length - one.length) <= mostErrors(one))
    .map((one) => ({ one, errors: errorsBetween(meant, one.toLowerCase()) }))
    .filter(({ one, errors }) => errors <= mostErrors(one))
    .sort((a, b) => a.errors - b.errors);
  return near[0]?.one;
}

/** How many slips of the keys lie between two texts; two neighbouring letters that changed places are one. */
function errorsBetween(word: string, other: string): number {
  let at = 0;
  while (at < word.length && word[at] === other[at]) at += 1;
  const swapped = `${word.slice(0, at)}${word[at + 1] ?? ''}${word[at] ?? ''}${word.slice(at + 2)}`;
  return swapped === other && word !== other ? 1 : distance(word, other);
}

/** As `nearest`, where the word is its beginning or a slip of the keys: words that mean something else are near, too. */
export function slipOf(word: string, candidates: readonly string[]): string | undefined {
  const meant = nearest(word, candidates);
  if (meant === undefined || meant.startsWith(word)) return meant;
  const letters = (text: string): string => [...text.toLowerCase()].sort().join('');
  const most = Math.max(1, Math.floor(Math.max(word.length, meant.length) * 0.25));
  return letters(word) === letters(meant) || distance(word, meant) <= most ? meant : undefined;
}

/** `; did you mean even?`, or nothing where nothing is near. */
export function didYouMean(word: string, candidates: readonly string[]): string {
  const meant = nearest(word, candidates);
  return meant === undefined ? '' : `; did you mean ${meant}?`;
}
