import { openRegular } from '../../pages/open-regular.ts';

const NEWLINE = 0x0a;
const CHUNK_BYTES = 512 * 1024;

/** What no line of ours comes near: the rubbish of a broken disk. */
interface LineLimit {
  readonly longestBytes: number;
  /** Told of each line that was passed over for its length. */
  readonly onTooLong: () => void;
}

/**
 * The lines of a regular file, as many at a time as one read brings; empty ones are left out. A last one without its end
 * counts.
 * @throws as `openRegular`, and what reading throws
 */
export async function* readLines(file: string, limit: LineLimit): AsyncGenerator<readonly string[]> {
  let rest: Buffer[] = [];
  let restBytes = 0;
  let isDropping = false;
  const stream = (await openRegular(file)).createReadStream({ highWaterMark: CHUNK_BYTES });
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    const first = chunk.indexOf(NEWLINE);
    const last = chunk.lastIndexOf(NEWLINE);
    if (first !== -1) {
      if (!isDropping) yield linesIn(Buffer.concat([...rest, chunk.subarray(0, first)]));
      if (last > first) yield linesIn(chunk.subarray(first + 1, last));
      rest = [];
      restBytes = 0;
      isDropping = false;
    }
    if (isDropping) continue;
    const tail = chunk.subarray(last + 1);
    rest.push(tail);
    restBytes += tail.length;
    if (restBytes > limit.longestBytes) {
      rest = [];
      isDropping = true;
      limit.onTooLong();
    }
  }
  if (!isDropping) yield linesIn(Buffer.concat(rest));
}

const linesIn = (bytes: Buffer): string[] =>
  bytes
    .toString('utf8')
    .split('\n')
    .filter((line) => line.trim() !== '');
