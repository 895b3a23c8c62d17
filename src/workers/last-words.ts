/** How many lines of a child are remembered for its obituary. */
const REMEMBERED_LINES = 40;
/** A message goes into the ledger and onto a terminal line. */
const LONGEST_MESSAGE = 400;

const EXCEPTION =
  /^(?:ERROR: )?(?:\[[^\]]*\] )?(?:[\w.]+(?:Error|Exception|Interrupt|Exit)|[A-Z]\w+Exception|[\w.]+Warning)\b.*$/;
const COMPLAINT =
  /\b(?:error|fatal|failed|cannot|can't|not found|no such|refused|denied|out of memory|killed)\b/i;
/** Behind any of these words stands a size: `Tried to allocate 2.00 GiB`, `requested buffer of size 1073741824`. */
const WANTED =
  /(?:(?:tried|trying|attempting|failed|unable) to allocate(?: request for)?|cannot allocate|allocat(?:e tensor with|ing)|memory allocation of|gpu memory \(|requested (?:buffer of size|bytes of)) ?(\d[\d,]*(?:\.\d+)?) ?(?:([KMGT])i?B?\b)?/i;
const UNITS: Readonly<Record<string, number>> = { K: 1024, M: 1024 ** 2, G: 1024 ** 3, T: 1024 ** 4 };

/** The last lines of a child, without secrets, and what they say about its end. Holds a few lines whatever the child wrote. */
export class LastWords {
  #lines: string[] = [];

  add(line: string): void {
    const text = line.trimEnd();
    if (text === '') return;
    this.#lines.push(text.length > LONGEST_MESSAGE ? `${text.slice(0, LONGEST_MESSAGE)}…` : text);
    if (this.#lines.length > REMEMBERED_LINES) this.#lines.shift();
  }

  /** A page begins: what was said before is not about it. */
  forget(): void {
    this.#lines = [];
  }

  get lines(): readonly string[] {
    return this.#lines;
  }
}

/** The one line that tells most: the last exception, else the last complaint, else the last line; empty if none. */
export function mainLine(lines: readonly string[]): string {
  const last = (pattern: RegExp): string | undefined => lines.findLast((line) => pattern.test(line.trim()));
  return (last(EXCEPTION) ?? last(COMPLAINT) ?? lines.at(-1) ?? '').trim();
}

/** True where one of the lines complains of something: `mainLine` is a cause then, and not just the last thing said. */
export const tellsComplaint = (lines: readonly string[]): boolean =>
  lines.some((line) => EXCEPTION.test(line.trim()) || COMPLAINT.test(line));

/** True where a Python exception stands in the lines: the translator told of an error, whatever its exit code. */
export const tellsException = (lines: readonly string[]): boolean =>
  lines.some((line) => EXCEPTION.test(line.trim()));

/** True where the lines say that a disk is full: no other page would fare better. */
export const tellsFullDisk = (lines: readonly string[]): boolean =>
  lines.some((line) => /No space left on device|\bENOSPC\b|Disk quota exceeded|\bEDQUOT\b/.test(line));

/** Bytes that an out-of-memory message says were wanted; undefined where it has no number. */
export function wantedBytes(message: string): number | undefined {
  const found = WANTED.exec(message);
  if (!found) return undefined;
  const [, amount = '', unit = ''] = found;
  return Math.round(Number(amount.replaceAll(',', '')) * (UNITS[unit.toUpperCase()] ?? 1));
}

/** `wanted 2.00 GiB`: the same in words. */
export function wantedMemory(message: string): string | undefined {
  const bytes = wantedBytes(message);
  return bytes === undefined ? undefined : `wanted ${(bytes / 1024 ** 3).toFixed(2)} GiB`;
}

/** Last words with paths, names and numbers taken out: two children that died of one cause said the same. */
export const withoutParticulars = (words: string): string =>
  words
    .replace(/ \(it wrote .*\)$/s, '')
    .replace(/(["'`]).*?\1/g, '…')
    .replace(/\S+/g, (word) => (/[/\\]/.test(word) ? '…' : word))
    .replace(/0x[0-9a-f]+|\d+(?:\.\d+)?/gi, '#');
