import { stripVTControlCharacters } from 'node:util';

/** Characters of a message that are kept: of a traceback the beginning, and the exception at its end. */
export const LONGEST_MESSAGE = 8000;
/** Of a name that somebody else chose: a stage, a device, a version. */
export const LONGEST_NAME = 200;
/** Looked at beyond a cut: a secret across it has to be seen whole to be known. */
const BEYOND_CUT = 4096;

/** Takes secrets out of a text. */
type Redact = (text: string) => string;

/** A message from outside without secrets, at most `LONGEST_MESSAGE` characters and a note of how many are missing. */
export function keptMessage(text: string, redact: Redact = (same) => same): string {
  const [head, tail] = [(LONGEST_MESSAGE * 3) / 4, LONGEST_MESSAGE / 4];
  if (text.length <= LONGEST_MESSAGE + 2 * BEYOND_CUT) {
    const clean = redact(text);
    if (clean.length <= LONGEST_MESSAGE) return clean;
    return around(clean.slice(0, head), clean.length - LONGEST_MESSAGE, clean.slice(-tail));
  }
  // A text that has become shorter without its secrets loses as much all the same: half of one may stand at the cut.
  const begins = redact(text.slice(0, head + BEYOND_CUT)).slice(0, -BEYOND_CUT);
  const ends = redact(text.slice(-tail - BEYOND_CUT)).slice(BEYOND_CUT);
  return around(begins, text.length - LONGEST_MESSAGE, ends);
}

const around = (head: string, missing: number, tail: string): string =>
  `${head.slice(0, (LONGEST_MESSAGE * 3) / 4)} … [${missing} characters left out] … ${tail.slice(-LONGEST_MESSAGE / 4)}`;

/** A name from outside without secrets, at most `LONGEST_NAME` characters. */
export function keptName(text: string, redact: Redact = (same) => same): string {
  const clean = redact(text.slice(0, LONGEST_NAME + BEYOND_CUT));
  if (text.length <= LONGEST_NAME + BEYOND_CUT) return clean.slice(0, LONGEST_NAME);
  return clean.slice(0, Math.max(0, Math.min(LONGEST_NAME, clean.length - BEYOND_CUT)));
}

/** A short text from outside, on one line, without secrets, colours and control characters, at most `LONGEST_NAME` characters. */
export const keptNote = (text: string, redact: Redact = (same) => same): string =>
  stripVTControlCharacters(keptName(text, redact))
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim();
