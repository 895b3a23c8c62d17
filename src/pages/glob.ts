import { usageError } from '../model/refusal.ts';
import { expandBraces } from './glob-braces.ts';
import { sameForm } from './name-form.ts';

/** No path is longer, so no pattern needs to be. */
const LONGEST_GLOB = 4096;

/** One name of a path, as a pattern has it. */
export type GlobSegment =
  /** `**`: any number of folders, none among them. */
  | { readonly is: 'folders' }
  /** `written`: as the pattern has it, to look on a disk for. */
  | { readonly is: 'literal'; readonly name: string; readonly written: string }
  | { readonly is: 'pattern'; readonly tokens: readonly Token[]; readonly meansHidden: boolean };

type Token =
  | { readonly is: 'character'; readonly character: string }
  | { readonly is: 'any' }
  | { readonly is: 'star' }
  | {
      readonly is: 'set';
      readonly ranges: readonly (readonly [string, string])[];
      readonly isNegated: boolean;
    };

const FOLDERS: GlobSegment = { is: 'folders' };
const SPECIAL = /[*?[\]{}\\]/;

/** The names of a path. */
export const namesOf = (path: string): string[] => partsOf(sameForm(path));

const partsOf = (path: string): string[] => path.split('/').filter((part) => part !== '');

/** True where a character of the text means something else than itself in a pattern. */
export const hasSpecial = (text: string): boolean => SPECIAL.test(text);

/** The text as a pattern that means nothing but itself. */
export const globEscape = (text: string): string => text.replace(/[*?[\]{}\\]/g, '\\$&');

/** A path in which every character is itself. */
export const literalSegments = (path: string): readonly GlobSegment[] => partsOf(path).map(literal);

/**
 * Reads a pattern: `*` and `?` within a name, `[a-c]`, `[!a]`, `**` for folders, `{a,b}`, `{1..9}`, and `\` before a character
 * that is to be itself. Parentheses are themselves, as is a bracket that is not closed. One reading for each choice of its braces.
 * @throws Refusal (2) for one that is too long, or has more than 256 readings
 */
export function readGlob(glob: string): readonly (readonly GlobSegment[])[] {
  if (glob.length > LONGEST_GLOB)
    throw usageError(`the pattern ${glob.slice(0, 60)}… has more than ${LONGEST_GLOB} characters`);
  return expandBraces(glob).map((pattern) => partsOf(pattern).map(segmentOf));
}

function segmentOf(text: string): GlobSegment {
  if (text === '**') return FOLDERS;
  if (!hasSpecial(text)) return literal(text);
  const tokens = tokensOf(Array.from(text));
  const asWritten = charactersOf(tokens);
  if (asWritten !== undefined) return literal(asWritten);
  const inForm = sameForm(text);
  const isInForm = inForm === text;
  return {
    is: 'pattern',
    tokens: isInForm ? tokens : tokensOf(Array.from(inForm)),
    meansHidden: text.startsWith('.'),
  };
}

const literal = (written: string): GlobSegment => ({ is: 'literal', name: sameForm(written), written });

/** Undefined where one of the tokens is no character. */
function charactersOf(tokens: readonly Token[]): string | undefined {
  const characters = tokens.flatMap((token) => (token.is === 'character' ? [token.character] : []));
  return characters.length === tokens.length ? characters.join('') : undefined;
}

function tokensOf(text: readonly string[]): Token[] {
  const tokens: Token[] = [];
  const lastClosing = text.lastIndexOf(']');
  for (let at = 0; at < text.length; at++) {
    const character = text[at] ?? '';
    if (character === '*') {
      if (tokens.at(-1)?.is !== 'star') tokens.push({ is: 'star' });
    } else if (character === '?') tokens.push({ is: 'any' });
    else if (character === '\\' && at + 1 < text.length) {
      at += 1;
      tokens.push({ is: 'character', character: text[at] ?? '' });
    } else {
      const set = character === '[' && at < lastClosing ? setAt(text, at + 1) : undefined;
      tokens.push(set ? set.token : { is: 'character', character });
      if (set) at = set.end;
    }
  }
  return tokens;
}

/** The set whose bracket was opened before `start`, and where it is closed. */
function setAt(text: readonly string[], start: number): { token: Token; end: number } | undefined {
  const isNegated = text[start] === '!' || text[start] === '^';
  const first = isNegated ? start + 1 : start;
  // A bracket that closes first of all is one of the set.
  const end = text.indexOf(']', first + 1);
  if (end === -1) return undefined;
  const ranges: [string, string][] = [];
  for (let at = first; at < end; at++) {
    const from = text[at] ?? '';
    const isRange = text[at + 1] === '-' && at + 2 < end;
    ranges.push([from, isRange ? (text[at + 2] ?? '') : from]);
    if (isRange) at += 2;
  }
  return { token: { is: 'set', ranges, isNegated }, end };
}

/**
 * True where the whole path is what the pattern means. Takes time in proportion to both of them, whatever they are: only the
 * last star met is ever tried again with more, as what an earlier one could take instead the later one can take as well.
 */
export function matchesPath(pattern: readonly GlobSegment[], names: readonly string[]): boolean {
  let [segmentAt, at, starAt, triedAt] = [0, 0, -1, 0];
  while (at < names.length) {
    const segment = pattern[segmentAt];
    if (segment?.is === 'folders') {
      // Nothing behind it: whatever is left is in these folders.
      if (segmentAt === pattern.length - 1) return true;
      starAt = segmentAt++;
      triedAt = at;
    } else if (segment && matchesName(segment, names[at] ?? '')) {
      segmentAt++;
      at++;
    } else if (starAt === -1) return false;
    else {
      segmentAt = starAt + 1;
      at = ++triedAt;
    }
  }
  while (pattern[segmentAt]?.is === 'folders') segmentAt++;
  return segmentAt === pattern.length;
}

/** True where the segment means this name. */
export function matchesName(segment: GlobSegment, name: string): boolean {
  if (segment.is !== 'pattern') return segment.is === 'folders' || segment.name === name;
  const characters = charactersIn(name);
  const { tokens } = segment;
  let [tokenAt, at, starAt, triedAt] = [0, 0, -1, 0];
  // As in `matchesPath`.
  while (at < characters.length) {
    const token = tokens[tokenAt];
    if (token?.is === 'star') {
      starAt = tokenAt++;
      triedAt = at;
    } else if (token && matchesCharacter(token, characters[at] ?? '')) {
      tokenAt++;
      at++;
    } else if (starAt === -1) return false;
    else {
      tokenAt = starAt + 1;
      at = ++triedAt;
    }
  }
  while (tokens[tokenAt]?.is === 'star') tokenAt++;
  return tokenAt === tokens.length;
}

/** Most names have no character of two units, and stand for themselves. */
const charactersIn = (name: string): ArrayLike<string> =>
  /[\ud800-\udfff]/.test(name) ? Array.from(name) : name;

function matchesCharacter(token: Token, character: string): boolean {
  switch (token.is) {
    case 'character':
      return token.character === character;
    case 'set':
      return token.isNegated !== token.ranges.some(([from, to]) => from <= character && character <= to);
    case 'any':
    case 'star':
      return true;
  }
}
