import type { FileHandle } from 'node:fs/promises';
import { isRecord, parsedJson } from '../../model/parsed-json.ts';
import { openRegular } from '../../pages/open-regular.ts';

/** A span of time, in milliseconds since 1970, both ends included. */
export interface TimeSpan {
  readonly startMs: number;
  readonly endMs: number;
}

export const EXCERPT_BYTES = 2000;
/** What is read of a log before the end of a span. */
const WINDOW_BYTES = 32 * 1024;
/** Lines are looked for so far on; longer ones are passed over. */
const PROBE_BYTES = 4 * 1024;
const TIME = /"time":"(\d{4}-\d\d-\d\dT[\d:.]+Z)"/;

/** The log of a slot's workers: lines with a time, which ascends. */
export class SlotLog {
  readonly #file: FileHandle;
  readonly #size: number;
  readonly #buffer = Buffer.allocUnsafe(WINDOW_BYTES);

  private constructor(file: FileHandle, size: number) {
    this.#file = file;
    this.#size = size;
  }

  /** Undefined where there is none, or where something else stands in its place. */
  static async open(path: string): Promise<SlotLog | undefined> {
    try {
      const file = await openRegular(path);
      return new SlotLog(file, (await file.stat()).size);
    } catch {
      return undefined;
    }
  }

  /** What the workers said in that time: the last lines, of `EXCERPT_BYTES` together. */
  async excerpt({ startMs, endMs }: TimeSpan): Promise<string> {
    const end = await this.#firstAfter(endMs);
    const from = Math.max(0, end - WINDOW_BYTES);
    const lines = (await this.#read(from, end)).split('\n');
    // What the window begins with is the rest of a line.
    if (from > 0) lines.shift();
    const said = lines.flatMap((line) => {
      const atMs = timeOf(line);
      return atMs !== undefined && atMs >= startMs && atMs <= endMs ? [messageOf(line)] : [];
    });
    return lastOf(said);
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  /** Where the first line begins that is later than a time, found by halving. */
  async #firstAfter(ms: number): Promise<number> {
    let low = 0;
    let high = this.#size;
    while (high - low > PROBE_BYTES) {
      const middle = low + Math.floor((high - low) / 2);
      const text = await this.#read(middle, Math.min(high, middle + PROBE_BYTES));
      const found = TIME.exec(text.slice(text.indexOf('\n') + 1));
      const atMs = found?.[1] === undefined ? Number.NaN : Date.parse(found[1]);
      // No line begins there: what comes after is as good a guess as any.
      if (atMs <= ms || Number.isNaN(atMs)) low = middle;
      else high = middle;
    }
    const text = await this.#read(low, Math.min(this.#size, high + PROBE_BYTES));
    let at = low;
    for (const line of text.split('\n')) {
      const atMs = timeOf(line);
      if (atMs !== undefined && atMs > ms) return at;
      at += Buffer.byteLength(line) + 1;
    }
    return Math.min(at, this.#size);
  }

  async #read(from: number, to: number): Promise<string> {
    const length = Math.min(to - from, this.#buffer.length);
    if (length <= 0) return '';
    const { bytesRead } = await this.#file.read(this.#buffer, 0, length, from);
    return this.#buffer.toString('utf8', 0, bytesRead);
  }
}

function timeOf(line: string): number | undefined {
  const [, time] = TIME.exec(line) ?? [];
  return time === undefined ? undefined : Date.parse(time);
}

function messageOf(line: string): string {
  const value = parsedJson(line);
  return isRecord(value) && typeof value['msg'] === 'string' ? value['msg'] : '';
}

/** The last texts that fit; of one that does not fit by itself, its end. */
function lastOf(texts: readonly string[]): string {
  const kept: string[] = [];
  let room = EXCERPT_BYTES;
  for (const text of texts.toReversed()) {
    const bytes = Buffer.byteLength(text) + 1;
    if (bytes > room) {
      if (kept.length === 0)
        kept.push(
          `…${Buffer.from(text)
            .subarray(-(room - 4))
            .toString('utf8')
            .replace(/^\ufffd+/, '')}`,
        );
      break;
    }
    room -= bytes;
    kept.push(text);
  }
  return kept.toReversed().join('\n');
}
