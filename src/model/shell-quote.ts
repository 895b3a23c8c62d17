import { escapeControls } from './escape-controls.ts';

const PLAIN_WORD = /^[\w@%+=:,./-]+$/;

/** Words as a POSIX shell takes them, on one line: what it would change stands in quotes, what would move the cursor in octal. */
export const shellQuote = (words: readonly string[]): string => words.map(quoted).join(' ');

function quoted(word: string): string {
  if (PLAIN_WORD.test(word)) return word;
  if (escapeControls(word) === word) return singleQuoted(word);
  // `$'\n'` is no POSIX, and dash knows nothing of it.
  const format = Array.from(word.replace(/[\\%]/g, '$&$&'), (character) =>
    escapeControls(character) === character ? inSingleQuotes(character) : inOctal(character),
  );
  return `"$(printf '${format.join('')}')"`;
}

/** A text in single quotes, as POSIX shells and zsh take it: every character is itself. */
export const singleQuoted = (text: string): string => `'${inSingleQuotes(text)}'`;

const inSingleQuotes = (text: string): string => text.replaceAll("'", "'\\''");

const inOctal = (character: string): string =>
  Array.from(Buffer.from(character), (byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');
