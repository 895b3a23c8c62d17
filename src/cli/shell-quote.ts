const PLAIN_WORD = /^[\w@%+=:,./-]+$/;

/** Words as a POSIX shell takes them: what it would change stands in quotes. */
export const shellQuote = (words: readonly string[]): string =>
  words.map((word) => (PLAIN_WORD.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)).join(' ');
