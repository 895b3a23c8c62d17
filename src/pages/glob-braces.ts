import { usageError } from '../model/refusal.ts';

const MOST_READINGS = 256;
/** In all readings together: each is looked at for each page. */
const MOST_CHARACTERS = 65_536;
const LONGEST_RANGE = 32;
const RANGE = /^(?:(-?\d{1,9})\.\.(-?\d{1,9})|([A-Za-z])\.\.([A-Za-z]))$/;

/**
 * A pattern without braces for each choice that its braces give: `{a,b}.png`, `{1..3}`, `{01..10}`. A brace that is not closed,
 * or gives no choice, is itself.
 * @throws Refusal (2) for more than 256, or more than 64 kB of them
 */
export function expandBraces(pattern: string): readonly string[] {
  if (!pattern.includes('{')) return [pattern];
  const expanded = new Set<string>();
  const waiting = [pattern];
  let steps = 0;
  let characters = 0;
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const choice = firstChoice(next);
    if (choice === undefined) {
      expanded.add(next);
      characters += next.length;
    } else
      for (const one of choicesIn(next, choice))
        waiting.push(next.slice(0, choice.start) + one + next.slice(choice.end + 1));
    steps += 1;
    if (characters > MOST_CHARACTERS)
      throw usageError(`the pattern ${pattern.slice(0, 60)}… is too long for so many alternatives`);
    // What is the same twice was made twice.
    if (expanded.size + waiting.length > MOST_READINGS || steps > 4 * MOST_READINGS)
      throw usageError(`the pattern ${pattern.slice(0, 60)} expands to more than ${MOST_READINGS} patterns`);
  }
  return [...expanded];
}

/** A brace with its places in a pattern. */
interface Brace {
  readonly start: number;
  readonly commas: readonly number[];
  readonly end: number;
}

/** The first brace, and of braces in braces the outermost, that gives a choice. */
function firstChoice(pattern: string): Brace | undefined {
  const open: { readonly start: number; readonly commas: number[] }[] = [];
  let first: Brace | undefined;
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern[at];
    if (character === '\\') at += 1;
    else if (character === '{') open.push({ start: at, commas: [] });
    else if (character === ',') open.at(-1)?.commas.push(at);
    else if (character === '}') {
      const brace = open.pop();
      if (!brace || (first && first.start < brace.start)) continue;
      const isRange = at - brace.start <= LONGEST_RANGE && RANGE.test(pattern.slice(brace.start + 1, at));
      if (brace.commas.length > 0 || isRange) first = { ...brace, end: at };
    }
  }
  return first;
}

function choicesIn(pattern: string, { start, commas, end }: Brace): readonly string[] {
  if (commas.length > MOST_READINGS)
    throw usageError(`a pattern has more than ${MOST_READINGS} alternatives in braces`);
  if (commas.length > 0) {
    const borders = [start, ...commas, end];
    return borders.slice(1).map((border, at) => pattern.slice((borders[at] ?? 0) + 1, border));
  }
  const [, first = '', last = '', from, to] = RANGE.exec(pattern.slice(start + 1, end)) ?? [];
  if (from === undefined || to === undefined) return numbers(first, last);
  const codes = numbers(String(from.charCodeAt(0)), String(to.charCodeAt(0)));
  return codes.map((code) => String.fromCharCode(Number(code)));
}

/** As many digits as the longer one has, where one begins with a zero. */
function numbers(first: string, last: string): readonly string[] {
  const [from, to] = [Number(first), Number(last)];
  const count = Math.abs(to - from) + 1;
  if (count > MOST_READINGS)
    throw usageError(`{${first}..${last}} expands to more than ${MOST_READINGS} numbers`);
  const isPadded = /^-?0\d/.test(first) || /^-?0\d/.test(last);
  const width = isPadded ? Math.max(first.length, last.length) : 0;
  return Array.from({ length: count }, (_none, at) =>
    String(from + (to < from ? -at : at)).padStart(width, '0'),
  );
}
