/** What each folder of `src` may know: the rows above its own, and nothing beside it. */
export const RANKS: readonly (readonly string[])[] = [
  ['model'],
  ['pages', 'devices'],
  ['translators'],
  ['workers'],
  ['schedule'],
  ['dispatch'],
  ['store'],
  ['report'],
  ['run', 'report-page'],
  ['plan', 'doctor', 'demo'],
  ['options'],
  ['library'],
  ['cli'],
];
