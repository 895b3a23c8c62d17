import { constants } from 'node:fs';
import { type FileHandle, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makeFolder } from '../pages/make-folder.ts';
import { openRegular } from '../pages/open-regular.ts';

/** Sizes of what is kept of a file that grows without end. */
export interface HeadTailLimits {
  readonly headBytes: number;
  /** The tail is written in segments of this size, of which the last two are kept. */
  readonly segmentBytes: number;
}

/** What stood between head and tail and is gone. */
export interface LeftOut {
  readonly lines: number;
  readonly bytes: number;
}

interface Segment {
  readonly path: string;
  readonly handle: FileHandle;
  bytes: number;
  lines: number;
}

/**
 * A file that keeps the head and the tail of what is appended. Past the head, chunks go by turns to two segment files
 * beside it (`.tail-0`, `.tail-1`), which closing appends. Memory and disk stay bounded however much comes.
 */
export class HeadTailFile {
  readonly #path: string;
  readonly #limits: HeadTailLimits;
  #head: FileHandle | undefined;
  #headBytes = 0;
  /** Older first. */
  #segments: Segment[] = [];
  #leftOut = { lines: 0, bytes: 0 };

  constructor(path: string, limits: HeadTailLimits) {
    this.#path = path;
    this.#limits = limits;
  }

  /** Appends whole lines. Not to be called again before it settled. */
  async append(chunk: Buffer): Promise<void> {
    const head = await this.#openHead();
    let rest = chunk;
    if (this.#segments.length === 0) {
      const fits = linesWithin(rest, this.#limits.headBytes - this.#headBytes);
      if (fits > 0) await head.appendFile(rest.subarray(0, fits));
      this.#headBytes += fits;
      rest = rest.subarray(fits);
    }
    while (rest.length > 0) {
      // A line that is longer than a segment has one of its own.
      const fits = linesWithin(rest, this.#limits.segmentBytes) || rest.indexOf(NEWLINE) + 1 || rest.length;
      await this.#appendToTail(rest.subarray(0, fits));
      rest = rest.subarray(fits);
    }
  }

  async #appendToTail(lines: Buffer): Promise<void> {
    const segment = await this.#segmentFor(lines.length);
    await segment.handle.appendFile(lines);
    segment.bytes += lines.length;
    segment.lines += countLines(lines);
  }

  /** Puts head and tail together, with a line between that says what is gone where something is. */
  async close(describe: (leftOut: LeftOut) => string): Promise<void> {
    try {
      if (this.#head === undefined) return;
      if (this.#leftOut.lines > 0) await this.#head.appendFile(describe(this.#leftOut));
      for (const { path } of this.#segments) {
        const tail = (await openRegular(path)).createReadStream();
        for await (const chunk of tail) await this.#head.appendFile(chunk as Buffer);
      }
    } finally {
      await this.#head?.close();
      for (const { handle, path } of this.#segments) {
        await handle.close();
        await rm(path, { force: true });
      }
    }
  }

  async #openHead(): Promise<FileHandle> {
    if (this.#head !== undefined) return this.#head;
    await makeFolder(dirname(this.#path));
    this.#head = await openRegular(this.#path, { flags: APPEND });
    this.#headBytes = (await this.#head.stat()).size;
    return this.#head;
  }

  async #segmentFor(bytes: number): Promise<Segment> {
    const last = this.#segments.at(-1);
    if (last !== undefined && (last.bytes === 0 || last.bytes + bytes <= this.#limits.segmentBytes))
      return last;
    const oldest = this.#segments.length === 2 ? this.#segments.shift() : undefined;
    if (oldest !== undefined) {
      await oldest.handle.close();
      this.#leftOut.lines += oldest.lines;
      this.#leftOut.bytes += oldest.bytes;
    }
    const path = oldest?.path ?? `${this.#path}.tail-${this.#segments.length}`;
    const segment = { path, handle: await openRegular(path, { flags: ANEW }), bytes: 0, lines: 0 };
    this.#segments.push(segment);
    return segment;
  }
}

const NEWLINE = 0x0a;
const APPEND = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT;
const ANEW = constants.O_WRONLY | constants.O_TRUNC | constants.O_CREAT;

/** How many bytes of a chunk are whole lines that fit into so much room. */
const linesWithin = (chunk: Buffer, room: number): number =>
  room >= chunk.length ? chunk.length : room <= 0 ? 0 : chunk.lastIndexOf(NEWLINE, room - 1) + 1;

function countLines(chunk: Buffer): number {
  let lines = 0;
  for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, at + 1)) lines += 1;
  return lines;
}
