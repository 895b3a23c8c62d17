import path from 'node:path';
import { parseArgsStringToArgv } from 'string-argv';
import { nearest } from './nearest.ts';

/** `${name}` is a shell's. */
const ANY_PLACEHOLDER = /(?<!\$)\{([a-z]+(?:[A-Z][a-z]*)*)\}/g;

/** Why a text is no command, and what to write instead. */
interface WrongCommand {
  readonly problem: string;
  readonly hint?: string;
}

/**
 * The words of a command with placeholders, as a shell would split it; nothing else that shells do happens to it. `names` are
 * the placeholders that it may have.
 */
export function commandWords(text: string, names: readonly string[]): readonly string[] | WrongCommand {
  const [open] = /["']/.exec(text.replace(/"[^"]*"|'[^']*'/g, '')) ?? [];
  if (open !== undefined) return { problem: `a quote (${open}) is not closed` };
  const words = parseArgsStringToArgv(text);
  if (words.length === 0) return { problem: 'it contains no program' };
  for (const [, name = ''] of text.matchAll(ANY_PLACEHOLDER)) {
    if (names.includes(name)) continue;
    const meant = nearest(name, names);
    // Words in another program's language have capitals.
    if (meant === undefined && /[A-Z]/.test(name)) continue;
    const guess = meant === undefined ? '' : `; did you mean {${meant}}?`;
    return {
      problem: `{${name}} is not a placeholder${guess}`,
      hint: `placeholders: ${names.map((known) => `{${known}}`).join(' ')}`,
    };
  }
  return words;
}

/** The words with values put in for their placeholders: in one pass, whatever those hold. */
export const fillWords = (
  words: readonly string[],
  values: Readonly<Record<string, string>>,
): readonly string[] => {
  const placeholder = new RegExp(`\\{(${Object.keys(values).join('|')})\\}`, 'g');
  return words.map((word) => word.replace(placeholder, (whole, name: string) => values[name] ?? whole));
};

/** No shell reads the words: one with `~/` in front is in the user's home, as it would be there. */
export const withHomeIn = (words: readonly string[], home: string): string[] =>
  words.map((word) => (word.startsWith('~/') ? path.join(home, word.slice(1)) : word));
